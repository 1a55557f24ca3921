"""Reading a package's files from a directory or an uploaded zip without trusting either."""

import stat
import zipfile
from pathlib import Path
from typing import BinaryIO

from inference.engine.fields import PackageError

METADATA = "configs/metadata.json"
WEIGHTS = "models/model.safetensors"
CARD = "docs/README.md"
LICENCE = "LICENSE"
FILES = (METADATA, WEIGHTS, CARD, LICENCE)
FOLDERS = frozenset({"configs/", "models/", "docs/"})
LARGEST_PACKAGE = 25 * 1024 * 1024
LARGEST_TEXT = 1024 * 1024
MOST_ENTRIES = 16


def read_bundle(source: Path | BinaryIO) -> dict[str, bytes]:
    """The content of each of a package's files, from a directory, a zip file or an open zip.

    Raises PackageError for anything missing, unexpected, linked, too large or unreadable. The
    content is read once, so what was checked is what is used.
    """
    if isinstance(source, Path) and source.is_dir():
        contents = _read_directory(source)
    elif isinstance(source, Path) and not source.exists():
        raise PackageError(f"There is no package at {source.name}.")
    else:
        contents = _read_zip(source)
    for name in FILES:
        if name not in contents:
            raise PackageError(f"The package lacks the file {name}.")
    return contents


def _read_directory(folder: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise PackageError(f"The package holds a link ({name}), which is not allowed.")
        if path.is_dir() and f"{name}/" in FOLDERS:
            continue
        _refuse_unexpected(name)
        _refuse_large(name, path.stat().st_size, contents)
        contents[name] = path.read_bytes()
    return contents


def _read_zip(source: Path | BinaryIO) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            return _read_entries(archive)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise PackageError("The package is not a zip file that can be read.") from error


def _read_entries(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise PackageError(f"The zip holds {len(entries)} entries; a package has {len(FILES)}.")
    contents: dict[str, bytes] = {}
    for entry in entries:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise PackageError(f"The zip holds a link ({entry.filename}), which is not allowed.")
        if entry.filename in FOLDERS:
            continue
        _refuse_unexpected(entry.filename)
        if entry.filename in contents:
            raise PackageError(f"The zip holds {entry.filename} twice.")
        _refuse_large(entry.filename, entry.file_size, contents)
        with archive.open(entry) as stream:
            # The declared size may lie: read no more than is allowed.
            content = stream.read(LARGEST_PACKAGE + 1)
        _refuse_large(entry.filename, len(content), contents)
        contents[entry.filename] = content
    return contents


def _refuse_unexpected(name: str) -> None:
    """Only four names are accepted, so no entry can point outside a package's folder."""
    if name not in FILES:
        raise PackageError(
            f"The package holds an unexpected file ({name[:100]!r}): it may hold only "
            f"{', '.join(FILES)}, at its top level."
        )


def _refuse_large(name: str, size: int, contents: dict[str, bytes]) -> None:
    if name != WEIGHTS and size > LARGEST_TEXT:
        raise PackageError(f"The package's {name} is larger than 1 MiB.")
    if size + sum(map(len, contents.values())) > LARGEST_PACKAGE:
        raise PackageError("The package is larger than 25 MiB when unpacked.")
