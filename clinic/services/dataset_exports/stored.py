"""Bytes into and out of private storage in pieces, so that no file is ever held whole."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from storages.backends.s3 import S3Storage

PIECE = 1 << 20
"""Bytes read at once, and all that is held of a picture."""


def private_storage() -> Storage:
    """Where the images are, and the exports."""
    return storages["default"]


def pieces_of(name: str) -> Iterator[bytes]:
    """A stored file in pieces. Raises FileNotFoundError."""
    storage = private_storage()
    if isinstance(storage, S3Storage):
        yield from _pieces_of_object(storage, name)
        return
    with storage.open(name, "rb") as file:
        yield from file.chunks(PIECE)


def save_pieces(name: str, pieces: Iterable[bytes], *, on_piece: Callable[[], None]) -> int:
    """Store a file under exactly this name, replacing what lies there; returns its size in bytes.

    `on_piece` is called after each piece and may raise, which leaves the file unfinished.
    """
    storage = private_storage()
    content = _Pieces(pieces, on_piece)
    if isinstance(storage, S3Storage):
        _upload(storage, name, content)
        return content.written
    storage.delete(name)
    saved = storage.save(name, content)
    if saved != name:  # somebody else has just written there
        storage.delete(saved)
        msg = f"{name} was written by two at the same time"
        raise FileExistsError(msg)
    return content.written


def copy_stored(source: str, name: str, *, on_piece: Callable[[], None]) -> int:
    """Copy a stored file, inside the bucket where there is one; returns its size in bytes.

    Raises FileNotFoundError.
    """
    storage = private_storage()
    if not isinstance(storage, S3Storage):
        return save_pieces(name, pieces_of(source), on_piece=on_piece)
    client, bucket = storage.connection.meta.client, storage.bucket_name
    try:
        client.copy_object(
            Bucket=bucket,
            Key=storage._normalize_name(name),
            CopySource={"Bucket": bucket, "Key": storage._normalize_name(source)},
            **storage.get_object_parameters(name),
        )
    except client.exceptions.ClientError as error:
        raise _as_missing(error, source) from error
    on_piece()
    return int(storage.size(name))


def signed_address(name: str, *, disposition: str) -> str:
    """Where a bucket hands out a stored file for a minute. Files on disk have no address."""
    storage = private_storage()
    if not isinstance(storage, S3Storage):
        return storage.url(name)
    return str(storage.url(name, parameters={"ResponseContentDisposition": disposition}))


def remove_below(prefix: str) -> None:
    """Delete everything below a prefix, also what a killed worker left half written."""
    storage = private_storage()
    if isinstance(storage, S3Storage):
        storage.bucket.objects.filter(Prefix=f"{storage._normalize_name(prefix)}/").delete()
        return
    _remove_folder(storage, prefix)


def _remove_folder(storage: Storage, folder: str) -> None:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder}/{name}")
    for name in folders:
        _remove_folder(storage, f"{folder}/{name}")
    storage.delete(folder)


def _upload(storage: S3Storage, name: str, content: "_Pieces") -> None:
    """In this thread: the pieces come from its database connection."""
    from boto3.s3.transfer import TransferConfig

    key = storage._normalize_name(name)
    storage.bucket.Object(key).upload_fileobj(
        content,
        ExtraArgs=storage._get_write_parameters(key, content),
        Config=TransferConfig(use_threads=False),
    )


def _pieces_of_object(storage: S3Storage, name: str) -> Iterator[bytes]:
    client = storage.connection.meta.client
    try:
        found = client.get_object(Bucket=storage.bucket_name, Key=storage._normalize_name(name))
    except client.exceptions.ClientError as error:
        raise _as_missing(error, name) from error
    with closing(found["Body"]) as body:
        yield from body.iter_chunks(PIECE)


def _as_missing(error: Any, name: str) -> Exception:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return FileNotFoundError(name) if status == 404 else error


class _Pieces(File):  # type: ignore[type-arg]  # it cannot be subscribed
    """A stream as storage takes it: `chunks` for a disk, `read` for an upload."""

    def __init__(self, pieces: Iterable[bytes], on_piece: Callable[[], None]) -> None:
        super().__init__(None, name=None)
        self.written = 0
        self._pieces = iter(pieces)
        self._on_piece = on_piece
        self._waiting = b""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The pieces as they come."""
        for piece in self._pieces:
            self.written += len(piece)
            yield piece
            self._on_piece()

    def readable(self) -> bool:
        """Once, from the beginning to the end."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        parts, wanted = [self._waiting], size if size >= 0 else float("inf")
        held = len(self._waiting)
        while held < wanted and (piece := next(self._pieces, None)) is not None:
            self.written += len(piece)
            held += len(piece)
            parts.append(piece)
            self._on_piece()
        content = b"".join(parts)
        if held <= wanted:
            self._waiting = b""
            return content
        self._waiting = content[size:]
        return content[:size]
