"""Private storage. No object has a public address; a view checks the person and streams it."""

import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

if TYPE_CHECKING:
    from clinic.models import LesionImage

SIGNED_ADDRESS_SECONDS = 60


class PrivateFileStorage(FileSystemStorage):
    """Files on disk that only a view can hand out."""

    def url(self, name: str | None) -> str:
        """There is none."""
        msg = "Private files have no address; link to the view that checks the person."
        raise ValueError(msg)


class PrivateS3Storage(S3Storage):
    """Objects in a private bucket; a signed address lives a minute."""

    def get_default_settings(self) -> dict[str, Any]:
        """Private, signed, never overwritten, impatient with a dead endpoint."""
        from botocore.config import Config

        return super().get_default_settings() | {
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": SIGNED_ADDRESS_SECONDS,
            "file_overwrite": False,
            "addressing_style": "path",
            "signature_version": "s3v4",
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=3,
                read_timeout=20,
                retries={"max_attempts": 3, "mode": "standard"},
            ),
        }


def image_key(image: "LesionImage", filename: str) -> str:
    """An unguessable key below the organisation's own prefix. Nothing of the file name is kept."""
    return private_key("images", image.case.organisation_id, PurePosixPath(filename).suffix)


def thumbnail_key(image: "LesionImage", filename: str) -> str:
    """As `image_key`, for the small rendition."""
    return private_key("thumbnails", image.case.organisation_id, PurePosixPath(filename).suffix)


def rendition_key(image: "LesionImage", filename: str) -> str:
    """Beside the original: its own key below `renditions/`, then the file name (`1.jpg`)."""
    original = PurePosixPath(str(image.file.name))
    return str(PurePosixPath("renditions", *original.parts[1:-1], f"{original.stem}-{filename}"))


def private_key(folder: str, organisation_id: uuid.UUID, suffix: str) -> str:
    """`folder/organisation/ab/abcd….suffix`, from 122 random bits."""
    token = uuid.uuid4().hex
    return f"{folder}/{organisation_id}/{token[:2]}/{token}{suffix}"
