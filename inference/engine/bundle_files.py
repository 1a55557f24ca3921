"""Reading a package's files from a directory or an uploaded zip without trusting either."""

import mmap
import stat
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from inference.engine.fields import PackageError

METADATA = "configs/metadata.json"
WEIGHTS = "models/model.safetensors"
CARD = "docs/README.md"
LICENCE = "LICENSE"
REFERENCE = "configs/reference.json"
FILES = (METADATA, WEIGHTS, CARD, LICENCE)
OPTIONAL = (REFERENCE,)
ALLOWED = FILES + OPTIONAL
FOLDERS = frozenset({"configs/", "models/", "docs/"})
MEBIBYTE = 1024 * 1024
# Eighteen networks of DenseNet121's size in half precision take 250 MiB.
LARGEST_PACKAGE = 320 * MEBIBYTE  # unpacked
LARGEST_TEXT = MEBIBYTE
LARGEST_WEIGHTS = LARGEST_PACKAGE - 3 * LARGEST_TEXT
MOST_ENTRIES = 16
COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

# A file's content. The weights may be a mapped file, which is sliced and hashed like bytes.
Content = bytes | mmap.mmap


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def read_bundle(source: Path | BinaryIO) -> Mapping[str, Content]:
    """The content of each of a package's files, from a directory, a zip file or an open zip.

    Raises PackageError for anything missing, unexpected, linked, too large or unreadable. The
    content is read once, so what was checked is what is used. The weights go to a nameless
    temporary file in pieces and are mapped from there: a web process that checks an ensemble of
    300 MiB needs a few MiB of memory for it.
    """
    if isinstance(source, Path) and source.is_dir():
        contents = _read_directory(source)
    elif isinstance(source, Path):
        if not source.is_file():
            raise PackageError(f"There is no package at {source.name}.")
        with source.open("rb") as stream:
            contents = _read_zip(stream)
    else:
        contents = _read_zip(source)
    for name in FILES:
        if name not in contents:
            raise PackageError(f"The package lacks the file {name}.")
    return contents


def _read_directory(folder: Path) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise PackageError(f"The package holds a link ({_shown(name)}), which is not allowed.")
        if path.is_dir() and f"{name}/" in FOLDERS:
            continue
        _refuse_unexpected(name, is_file=path.is_file())
        try:
            with path.open("rb") as stream:
                contents[name] = _content(name, stream, path.stat().st_size)
        except OSError as error:
            raise PackageError(f"The package's {name} cannot be read.") from error
    return contents


def _read_zip(source: BinaryIO) -> dict[str, Content]:
    try:
        with zipfile.ZipFile(_ShortReads(source)) as archive:  # type: ignore[call-overload]
            return _read_entries(archive)
    except PackageError:
        raise
    except Exception as error:
        # For damaged files the standard library raises a dozen kinds, zlib.error among them.
        raise PackageError("The package is not a zip file that can be read.") from error


def _read_entries(archive: zipfile.ZipFile) -> dict[str, Content]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise PackageError(f"The zip holds {len(entries)} entries; a package has {len(ALLOWED)}.")
    contents: dict[str, Content] = {}
    for entry in entries:
        name = entry.filename
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise PackageError(f"The zip holds a link ({_shown(name)}), which is not allowed.")
        if name in FOLDERS:
            continue
        _refuse_unexpected(name)
        if name in contents:
            raise PackageError(f"The zip holds {name} twice.")
        if entry.compress_type not in COMPRESSIONS:
            # Others can ask for gigabytes of memory before they give a byte.
            raise PackageError(f"The zip holds {name} in a compression other than deflate.")
        with archive.open(entry) as stream:
            contents[name] = _content(name, stream, entry.file_size)
    return contents


def _content(name: str, stream: Readable, declared: int) -> Content:
    """Read one file. The declared size may lie: no more is read than is allowed."""
    _refuse_large(name, declared)
    if name == WEIGHTS:
        return _mapped(stream)
    content = stream.read(LARGEST_TEXT + 1)
    _refuse_large(name, len(content))
    return content


def _mapped(stream: Readable) -> Content:
    size = 0
    with tempfile.TemporaryFile() as spool:
        while piece := stream.read(MEBIBYTE):
            size += len(piece)
            _refuse_large(WEIGHTS, size)
            try:
                spool.write(piece)
            except OSError as error:
                raise PackageError(
                    "The temporary folder has no room to check the package in; make some."
                ) from error
        spool.flush()
        # The mapping outlives the file object; nobody else can reach the file.
        return mmap.mmap(spool.fileno(), size, access=mmap.ACCESS_READ) if size else b""


class _ShortReads:
    """A file that gives at most a mebibyte at once.

    ``zipfile`` reads the list of entries in one piece and makes an object of each: in a hostile
    zip of 300 MiB that would be millions, before any of them could be refused.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if 0 <= size <= MEBIBYTE:
            return self._file.read(size)
        content = self._file.read(MEBIBYTE + 1)
        if len(content) > MEBIBYTE:
            raise PackageError("The zip's list of entries is longer than any package's.")
        return content


def _refuse_unexpected(name: str, *, is_file: bool = True) -> None:
    """Only these names are accepted, so no entry can point outside a package's folder."""
    if name not in ALLOWED or not is_file:
        raise PackageError(
            f"The package holds an unexpected file ({name[:100]!a}): it may hold only "
            f"{', '.join(ALLOWED)}, at its top level."
        )


def _refuse_large(name: str, size: int) -> None:
    largest = LARGEST_WEIGHTS if name == WEIGHTS else LARGEST_TEXT
    if size > largest:
        raise PackageError(f"The package's {name} is larger than {largest // MEBIBYTE} MiB.")


def _shown(name: str) -> str:
    """A hostile name, fit for a message of one line."""
    return name[:100] if name.isprintable() else ascii(name[:100])
