"""The worker reads from S3 as from disk, and names what went wrong there."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command

from clinic.storage import PrivateS3Storage
from config.embedded.object_store import Bucket
from inference.models import ModelVersion
from inference.worker.images import UnusableImage, load_stored_image
from inference.worker.loaded_models import LoadedModels
from tests.inference.conftest import jpeg

pytestmark = pytest.mark.s3


def options(bucket: Bucket) -> dict[str, Any]:
    return {
        "bucket_name": bucket.name,
        "region_name": bucket.region,
        "endpoint_url": bucket.endpoint,
        "access_key": bucket.access_key,
        "secret_key": bucket.secret_key,
    }


def test_an_image_is_read_and_decoded(s3_bucket: Bucket) -> None:
    storage = PrivateS3Storage(**options(s3_bucket))
    name = storage.save("images/one.jpg", ContentFile(jpeg()))
    assert load_stored_image(storage, name, 64).shape == (64, 64, 3)


def test_a_missing_image_is_final_and_a_bucket_that_cannot_be_reached_may_pass(
    s3_bucket: Bucket,
) -> None:
    with pytest.raises(UnusableImage, match="missing") as missing:
        load_stored_image(PrivateS3Storage(**options(s3_bucket)), "images/none.jpg", 64)
    assert not missing.value.may_pass
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    nobody = options(s3_bucket) | {"endpoint_url": f"http://127.0.0.1:{port}"}
    with pytest.raises(UnusableImage, match="could not be reached") as unreachable:
        load_stored_image(PrivateS3Storage(**nobody), "images/one.jpg", 64)
    assert unreachable.value.may_pass


@pytest.mark.django_db
@pytest.mark.model
def test_a_model_package_lives_in_the_bucket_for_every_worker(
    s3_bucket: Bucket, package_zip: Path, tmp_path: Path, settings: LazySettings
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "clinic.storage.PrivateS3Storage",
            "OPTIONS": options(s3_bucket),
        }
    }
    assert isinstance(storages["default"], PrivateS3Storage)
    settings.INFERENCE_CACHE_DIR = tmp_path / "one"
    call_command("install_model", str(package_zip), "--activate", verbosity=0)

    settings.INFERENCE_CACHE_DIR = tmp_path / "another"
    version = ModelVersion.objects.get()
    assert LoadedModels().classifier(version).package.digest == version.digest
    assert (tmp_path / "another" / version.digest / "network.onnx").exists()
