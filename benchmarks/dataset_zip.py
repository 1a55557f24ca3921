"""Megabytes a second and memory of an export of pictures, beside a bare copy of the same files.

`python -m config.embedded python -m benchmarks.dataset_zip` (or `make bench`). 2,000 pictures of
300 kB (PICTURES and KILOBYTES change that) on the disk, a quarter of them in an S3 server of its
own. "Zip" is a download that is kept in a file; "files" is what a worker does for plain files.
Beside them the same files are only copied: out of storage into one file, or inside storage. Nobody
waits for the disk (no fsync).
"""

import os
import resource
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks._in_turns import in_turns
from benchmarks._service import clinic_in_a_folder

PICTURES = int(os.environ.get("PICTURES", "2000"))
BYTES = int(os.environ.get("KILOBYTES", "300")) * 1000
ROUNDS = int(os.environ.get("ROUNDS", "2"))


def main() -> None:
    """The disk, then the bucket."""
    with clinic_in_a_folder(), quick_to_register():
        # By name: what only tests need is not type-checked with the product.
        organisation = import_module("tests.factories").OrganisationFactory

        print(f"{PICTURES:,} pictures of {BYTES // 1000} kB, MB/s and peak memory")
        measure("disk", organisation(), PICTURES)
        with in_a_bucket():
            measure("bucket", organisation(), PICTURES // 4)


def measure(where: str, organisation: Any, pictures: int) -> None:
    """Print both ways of handing over, each beside the bare work."""
    from clinic.models import DatasetExport
    from clinic.services.dataset_exports import archive_pieces
    from clinic.services.dataset_exports.stored import copy_stored, pieces_of

    made = import_module("tests.clinic.exported")
    version = made.pictured_version(organisation, contents=made_up(pictures))
    names = list(version.rows.values_list("source__file", flat=True))
    person = made.operator()
    zipped = made.written(version, person, "monai", "zip")
    kept = Path(os.environ["MEDIA_ROOT"]) / "kept"

    def zip_it() -> None:
        with kept.open("wb") as file:
            file.writelines(archive_pieces(zipped))

    def fetch_it() -> None:
        with kept.open("wb") as file:
            for name in names:
                file.writelines(pieces_of(name))

    def export_files() -> None:
        DatasetExport.objects.filter(delivery="files").update(state="expired")
        made.written(version, person, "monai", "files")

    def copy_files() -> None:
        for number, name in enumerate(names):
            copy_stored(name, f"copied/{number}", on_piece=lambda: None)

    works: dict[str, Callable[[], None]] = {
        "fetching": fetch_it, "zip": zip_it, "copying": copy_files, "files": export_files,
    }  # fmt: skip
    seconds = in_turns(works, rounds=ROUNDS)
    size = pictures * BYTES / 1e6
    for name, bare in (("zip", "fetching"), ("files", "copying")):
        heap = heap_of(works[name])
        print(
            f"{where}, {name}: {size / seconds[name]:.0f} MB/s; {bare} alone "
            f"{size / seconds[bare]:.0f} MB/s; {seconds[bare] / seconds[name]:.2f} of it; "
            f"heap {heap:.1f} MB; process at most {rss():.0f} MB",
            flush=True,
        )


def made_up(pictures: int) -> Iterator[bytes]:
    """Bytes that no storage can make smaller, each picture's its own."""
    for _ in range(pictures):
        yield os.urandom(BYTES)


def heap_of(work: Callable[[], None]) -> float:
    """MB of Python heap above what there was, at the highest."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - before) / 1e6


def rss() -> float:
    """MB of memory that the process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@contextmanager
def quick_to_register() -> Iterator[None]:
    """Each picture has a submitter, whose password nobody will try."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@contextmanager
def in_a_bucket() -> Iterator[None]:
    """The default storage is a bucket of a local S3 server."""
    from django.conf import settings
    from django.test import override_settings

    from config.embedded.object_store import EmbeddedObjectStore

    with tempfile.TemporaryDirectory() as folder, EmbeddedObjectStore(Path(folder)) as server:
        bucket = server.make_bucket("pictures")
        options = {
            "bucket_name": bucket.name, "region_name": bucket.region,
            "endpoint_url": bucket.endpoint, "access_key": bucket.access_key,
            "secret_key": bucket.secret_key,
        }  # fmt: skip
        backend = {"BACKEND": "clinic.storage.PrivateS3Storage", "OPTIONS": options}
        with override_settings(STORAGES=settings.STORAGES | {"default": backend}):
            yield


if __name__ == "__main__":
    main()
