"""A frozen version as files that `inference.training train` reads: images, metadata and split.

Images are checked against the digest that the version was frozen with, and keep their bytes.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import Storage

from clinic.datasets.formats.isic import ham10000_pieces, split_pieces
from clinic.datasets.manifest import SUFFIXES
from clinic.models import DatasetVersion, LesionImage
from clinic.selectors.datasets import open_rows
from clinic.selectors.frozen_versions import frozen_version
from inference.worker.training.folder import RunFolder

logger = logging.getLogger(__name__)

AT_ONCE = 1000  # images in flight
PIECE = 1 << 20


class CannotTrain(Exception):
    """The run cannot go on; carries one sentence."""


class Wanted(NamedTuple):
    """An image to fetch: its private key in storage, its digest, and its name here."""

    stored: str
    sha256: str
    size: int
    filename: str


def lay_out(
    version: DatasetVersion, folder: RunFolder, *, tell: Callable[[int, int], None]
) -> None:
    """Write everything, going on from what is there. `tell` hears how many of how many images.

    A row whose patient withdrew consent is left out; if that came after the run had begun, all
    that was learned so far is thrown away. Raises CannotTrain.
    """
    frozen = frozen_version(version)
    metadata = b"".join(ham10000_pieces(frozen))
    if folder.metadata.exists() and folder.metadata.read_bytes() != metadata:
        folder.remove()
    folder.open()
    _fetch_images(version, folder, tell=tell)
    folder.split.write_bytes(b"".join(split_pieces(frozen)))
    folder.metadata.write_bytes(metadata)


def refuse_withdrawn(version: DatasetVersion, folder: RunFolder) -> None:
    """Raise CannotTrain where consent was withdrawn while the model was being trained."""
    if b"".join(ham10000_pieces(frozen_version(version))) != folder.metadata.read_bytes():
        folder.remove()
        raise CannotTrain(
            "A patient withdrew consent while this was trained, so the model was thrown away. Try "
            "again: it begins anew without that patient's images."
        )


def _fetch_images(
    version: DatasetVersion, folder: RunFolder, *, tell: Callable[[int, int], None]
) -> None:
    total = open_rows(version).count()
    done = 0
    tell(done, total)
    storage = LesionImage._meta.get_field("file").storage
    leave = threading.Event()
    with ThreadPoolExecutor(settings.INFERENCE_LOADING_THREADS) as threads:
        try:
            for some in _wanted(version):
                jobs = [threads.submit(_fetch, storage, one, folder.images, leave) for one in some]
                for job in as_completed(jobs):
                    job.result()
                    done += 1
                    tell(done, total)
        except BaseException:
            leave.set()
            raise


def _wanted(version: DatasetVersion) -> Iterator[list[Wanted]]:
    rows = open_rows(version).values_list(
        "source__file", "sha256", "size_bytes", "image", "media_type"
    )
    some: list[Wanted] = []
    for stored, sha256, size, image, media_type in rows.iterator(chunk_size=AT_ONCE):
        some.append(Wanted(stored, sha256, size, f"{image}{SUFFIXES[media_type]}"))
        if len(some) == AT_ONCE:
            yield some
            some = []
    yield some


def _fetch(storage: Storage, wanted: Wanted, images: Path, leave: threading.Event) -> None:
    """Copy one image in pieces; a whole one that is there already is left as it is."""
    target = images / wanted.filename
    if leave.is_set() or (target.exists() and target.stat().st_size == wanted.size):
        return
    partial_copy = target.with_suffix(".partial")
    digest = hashlib.sha256()
    try:
        with storage.open(wanted.stored) as stored, partial_copy.open("wb") as copy:
            for piece in _pieces(stored):
                digest.update(piece)
                copy.write(piece)
    except FileNotFoundError as error:
        raise CannotTrain(
            f"The file of the image {wanted.filename} is not in storage any more."
        ) from error
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("Image storage: %s", error)
        raise CannotTrain(
            "The images could not be copied to the training machine: its disk is full, or the "
            "storage cannot be reached. Try again."
        ) from error
    if digest.hexdigest() != wanted.sha256:
        raise CannotTrain(
            f"The image {wanted.filename} is not what it was when the version was frozen: its "
            "digest differs."
        )
    partial_copy.replace(target)


def _pieces(stored: Any) -> Iterator[bytes]:
    while piece := stored.read(PIECE):
        yield piece
