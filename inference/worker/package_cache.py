"""Model packages on this machine's disk: fetched from private storage once, verified on each load.

Layout: INFERENCE_CACHE_DIR/<digest>/package (unpacked) and …/network.onnx. Several processes may
fill it at once: each writes beside the place and renames.
"""

import contextlib
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings

from inference.engine.package import Package, PackageError, open_package
from inference.models import ModelVersion


def cached_package(version: ModelVersion) -> Package:
    """The verified package, fetched where this machine has none or a damaged one.

    Raises PackageError if the stored one is damaged too, OSError if storage cannot be reached.
    """
    folder = _folder(version) / "package"
    with contextlib.suppress(PackageError, OSError):
        package = open_package(folder)
        if package.digest == version.digest:
            return package
    with version.package.storage.open(str(version.package.name)) as stored:
        package = open_package(cast("BinaryIO", stored))
    if package.digest != version.digest:
        raise PackageError("The stored package is not the one that was installed.")
    _replace(folder, package)
    return package


def cached_onnx(version: ModelVersion) -> Path:
    """Where the exported network is or will be; fetched from storage where it was exported before.

    Raises PackageError if the stored network is not the one that was checked.
    """
    path = _folder(version) / "network.onnx"
    if not version.onnx:
        return path
    if path.exists() and sha256_of(path.read_bytes()) == version.onnx_sha256:
        return path
    with version.onnx.storage.open(str(version.onnx.name)) as stored:
        content = stored.read()
    if sha256_of(content) != version.onnx_sha256:
        raise PackageError("The stored network is not the one that was checked at installation.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        partial = Path(beside) / path.name
        partial.write_bytes(content)
        partial.replace(path)
    return path


def sha256_of(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _folder(version: ModelVersion) -> Path:
    return Path(settings.INFERENCE_CACHE_DIR) / version.digest


def _replace(folder: Path, package: Package) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        fresh = Path(beside) / "package"
        package.extract_to(fresh)
        shutil.rmtree(folder, ignore_errors=True)
        # Another process may have put the same package there meanwhile.
        with contextlib.suppress(OSError):
            fresh.rename(folder)
