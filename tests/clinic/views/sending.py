"""Sending files to a draft, as the page's script or a plain form does."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import Case, Lesion
from tests.clinic.imaging.pictures import photograph, saved

SCRIPT = {"Accept": "application/json"}


def file(content: bytes, name: str = "mole.jpg") -> SimpleUploadedFile:
    # The sender's media type is never believed.
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def picture(seed: int) -> bytes:
    return saved(photograph(320, 240, seed=seed), "JPEG", quality=90)


def send(
    client: Client,
    case: Case,
    lesion: Lesion | str,
    *files: Any,
    script: bool = True,
    **fields: str,
) -> Any:
    key = lesion if isinstance(lesion, str) else str(lesion.pk)
    return client.post(
        reverse("image-upload", args=[case.pk]),
        {"lesion": key, "kind": "dermoscopic", "files": list(files), **fields},
        headers=SCRIPT if script else {},
    )


def stored_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}
