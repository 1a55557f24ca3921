"""Private storage: files on disk by default, a private bucket by setting. The same contract."""

import socket
import urllib.error
import urllib.parse
import urllib.request
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from PIL import Image

from accounts.models import User
from clinic.models import LesionImage, PendingRendition
from clinic.services import add_image, register_lesion, register_patient, remove_image, start_case
from clinic.storage import PrivateFileStorage, PrivateS3Storage
from clinic.tasks import make_renditions_task
from config.embedded.object_store import Bucket
from tests.cast import signed_in


@pytest.fixture
def s3_storage(s3_bucket: Bucket, settings: LazySettings) -> PrivateS3Storage:
    """The default storage is a bucket, as production sets it."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "clinic.storage.PrivateS3Storage",
            "OPTIONS": {
                "bucket_name": s3_bucket.name,
                "region_name": s3_bucket.region,
                "endpoint_url": s3_bucket.endpoint,
                "access_key": s3_bucket.access_key,
                "secret_key": s3_bucket.secret_key,
                "object_parameters": {"ServerSideEncryption": "AES256"},
            },
        }
    }
    storage = storages["default"]
    assert isinstance(storage, PrivateS3Storage)
    return storage


def picture(size: tuple[int, int] = (300, 200)) -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize(size).save(file, "JPEG")
    return file.getvalue()


def store_one(alice: User, content: bytes | None = None) -> tuple[bytes, LesionImage]:
    organisation = alice.memberships.get().organisation
    patient = register_patient(
        organisation=organisation, actor=alice, medical_record_number="1", family_name="Example"
    )
    lesion = register_lesion(patient=patient, actor=alice, body_site="back")
    case = start_case(patient=patient, actor=alice)
    content = content or picture()
    return content, add_image(case=case, lesion=lesion, content=content, actor=alice)


@pytest.mark.s3
class TestBucket:
    def test_an_image_goes_into_the_bucket_encrypted_and_comes_back(
        self, s3_storage: PrivateS3Storage, s3_bucket: Bucket, alice: User
    ) -> None:
        _, image = store_one(alice)

        head = s3_bucket.client().head_object(Bucket=s3_bucket.name, Key=image.file.name)
        assert head["ServerSideEncryption"] == "AES256"
        with default_storage.open(image.file.name) as stored:
            assert Image.open(stored).size == (300, 200)
        assert image.file.name.startswith(f"images/{image.case.organisation_id}/")

    def test_a_stranger_cannot_fetch_an_object(
        self, s3_storage: PrivateS3Storage, s3_bucket: Bucket, alice: User
    ) -> None:
        _, image = store_one(alice)
        address = f"{s3_bucket.endpoint}/{s3_bucket.name}/{image.file.name}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address, timeout=5)
        assert refused.value.code == 403

    def test_a_signed_address_works_and_lives_a_minute(
        self, s3_storage: PrivateS3Storage, alice: User
    ) -> None:
        _, image = store_one(alice)
        address = image.file.url
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
        assert query["X-Amz-Expires"] == ["60"]
        with urllib.request.urlopen(address, timeout=5) as answer:
            assert len(answer.read()) == image.size_bytes

    @pytest.mark.parametrize("address", ["/images/{}/file/", "/api/v1/images/{}/file/"])
    def test_pictures_may_be_fetched_from_the_bucket_itself(
        self,
        s3_storage: PrivateS3Storage,
        s3_bucket: Bucket,
        settings: LazySettings,
        alice: User,
        bob: User,
        address: str,
    ) -> None:
        _, image = store_one(alice)
        settings.STORAGE_REDIRECT = True
        answer = signed_in(alice).get(address.format(image.pk))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(s3_bucket.endpoint)
        with urllib.request.urlopen(answer.headers["Location"], timeout=5) as picture:
            assert len(picture.read()) == image.size_bytes
        assert signed_in(bob).get(address.format(image.pk)).status_code == 404

    def test_a_removed_image_leaves_no_object(
        self,
        s3_storage: PrivateS3Storage,
        s3_bucket: Bucket,
        alice: User,
        django_capture_on_commit_callbacks,
    ) -> None:
        _, image = store_one(alice)
        with django_capture_on_commit_callbacks(execute=True):
            remove_image(image=image, actor=alice)
        listing = s3_bucket.client().list_objects_v2(Bucket=s3_bucket.name)
        assert listing["KeyCount"] == 0

    def test_a_rendition_lies_beside_its_original_encrypted_and_goes_with_it(
        self,
        s3_storage: PrivateS3Storage,
        s3_bucket: Bucket,
        settings: LazySettings,
        alice: User,
        bob: User,
        django_capture_on_commit_callbacks,
    ) -> None:
        _, image = store_one(alice, picture((2000, 1500)))
        with image.file.open() as stored:
            original = stored.read()
        assert make_renditions_task() == 1
        image.refresh_from_db()

        head = s3_bucket.client().head_object(Bucket=s3_bucket.name, Key=image.rendition.name)
        assert head["ServerSideEncryption"] == "AES256"
        assert image.rendition.name.startswith(f"renditions/{image.case.organisation_id}/")
        address = f"{s3_bucket.endpoint}/{s3_bucket.name}/{image.rendition.name}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address, timeout=5)
        assert refused.value.code == 403

        screen = f"/images/{image.pk}/screen/"
        streamed = b"".join(signed_in(alice).get(screen).streaming_content)
        settings.STORAGE_REDIRECT = True
        answer = signed_in(alice).get(screen)
        assert answer.status_code == 302
        with urllib.request.urlopen(answer.headers["Location"], timeout=5) as fetched:
            assert fetched.read() == streamed
        assert Image.open(BytesIO(streamed)).size == (1600, 1200)
        assert signed_in(bob).get(screen).status_code == 404

        with default_storage.open(image.file.name) as stored:
            assert stored.read() == original
        with django_capture_on_commit_callbacks(execute=True):
            remove_image(image=image, actor=alice)
        listing = s3_bucket.client().list_objects_v2(Bucket=s3_bucket.name)
        assert listing["KeyCount"] == 0

    def test_an_original_that_is_gone_from_the_bucket_gets_no_rendition(
        self, s3_storage: PrivateS3Storage, alice: User
    ) -> None:
        _, image = store_one(alice, picture((2000, 1500)))
        s3_storage.delete(image.file.name)
        assert make_renditions_task() == 0
        assert "not in storage" in PendingRendition.objects.get().reason

    def test_a_bucket_that_cannot_be_reached_is_asked_again_later(
        self, s3_storage: PrivateS3Storage, settings: LazySettings, alice: User
    ) -> None:
        store_one(alice, picture((2000, 1500)))
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        default = settings.STORAGES["default"]
        nobody = default["OPTIONS"] | {"endpoint_url": f"http://127.0.0.1:{port}"}
        settings.STORAGES = settings.STORAGES | {"default": default | {"OPTIONS": nobody}}
        assert make_renditions_task() == 0
        pending = PendingRendition.objects.get()
        assert (pending.attempts, pending.reason) == (1, "")
        assert pending.not_before is not None

    def test_a_second_object_never_replaces_the_first(self, s3_storage: PrivateS3Storage) -> None:
        first = s3_storage.save("a.bin", ContentFile(b"one"))
        second = s3_storage.save("a.bin", ContentFile(b"two"))
        assert first != second
        with s3_storage.open(first) as stored:
            assert stored.read() == b"one"


class TestDisk:
    def test_files_have_no_address(self, alice: User) -> None:
        _, image = store_one(alice)
        with pytest.raises(ValueError, match="have no address"):
            _ = image.file.url

    def test_only_the_owner_of_the_process_can_read_the_files(self, alice: User) -> None:
        _, image = store_one(alice)
        assert isinstance(default_storage._wrapped, PrivateFileStorage)
        path = Path(default_storage.path(image.file.name))
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
