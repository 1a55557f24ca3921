"""A model package: what it holds, and how it is checked before anything uses it.

The layout is MONAI's bundle: ``configs/metadata.json``, ``models/model.safetensors``,
``docs/README.md`` (the model card) and ``LICENSE``, in a directory or in a zip of it; with
``configs/reference.json`` where the package says what its model learned from. No code in a package
is ever run. Only the standard library is used, so that a web process can check an upload.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from inference.engine.allowed_models import Architecture, Member
from inference.engine.bundle_files import (
    ALLOWED,
    CARD,
    LICENCE,
    MEBIBYTE,
    METADATA,
    REFERENCE,
    WEIGHTS,
    Content,
    read_bundle,
)
from inference.engine.fields import PackageError, refuse_unstorable
from inference.engine.metadata import (
    Calibration,
    Conformal,
    Metadata,
    ModelClass,
    OperatingPoint,
    OutOfDistribution,
    Preprocessing,
    parse_metadata,
)
from inference.engine.reference import Reference, parse_reference
from inference.engine.tensors import TensorEntry, read_tensor_index

# Tensors beside the network's own: what ``engine.familiarity`` needs.
FAMILIARITY_PREFIX = "familiarity."

__all__ = [
    "FAMILIARITY_PREFIX",
    "Architecture",
    "Calibration",
    "Conformal",
    "Member",
    "ModelClass",
    "OperatingPoint",
    "OutOfDistribution",
    "Package",
    "PackageError",
    "Preprocessing",
    "open_package",
    "write_package",
]


@dataclass(frozen=True)
class Package:
    """A verified package. ``digest`` identifies it: sha256 over all it holds.

    Its content was read once; the weights are mapped from a temporary file, which goes with it.
    """

    metadata: Metadata
    digest: str
    tensors: Mapping[str, TensorEntry]
    contents: Mapping[str, Content] = field(repr=False)
    reference: Reference | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def version(self) -> str:
        return self.metadata.version

    @property
    def task(self) -> str:
        return self.metadata.task

    @property
    def architecture(self) -> Architecture:
        return self.metadata.architecture

    @property
    def classes(self) -> tuple[ModelClass, ...]:
        return self.metadata.classes

    @property
    def preprocessing(self) -> Preprocessing:
        return self.metadata.preprocessing

    @property
    def calibration(self) -> Calibration:
        return self.metadata.calibration

    @property
    def operating_points(self) -> tuple[OperatingPoint, ...]:
        return self.metadata.operating_points

    @property
    def conformal(self) -> Conformal | None:
        return self.metadata.conformal

    @property
    def out_of_distribution(self) -> OutOfDistribution | None:
        return self.metadata.out_of_distribution

    @property
    def test_time_augmentation(self) -> str:
        return self.metadata.test_time_augmentation

    @property
    def metrics(self) -> Mapping[str, Any]:
        return self.metadata.metrics

    @property
    def training(self) -> Mapping[str, Any]:
        return self.metadata.training

    @property
    def licence(self) -> str:
        return self.metadata.licence

    @property
    def card(self) -> str:
        """The model card, in Markdown."""
        return bytes(self.contents[CARD]).decode()

    def weights(self) -> bytes:
        """The safetensors file's content, copied into memory."""
        return bytes(self.contents[WEIGHTS])

    def tensor_bytes(self, entry: TensorEntry) -> bytes:
        """One tensor's values as they are stored."""
        return self.contents[WEIGHTS][entry.start : entry.stop]

    def extract_to(self, folder: Path) -> None:
        """Write the package as a directory; ``folder`` may exist but must be empty."""
        if folder.exists() and any(folder.iterdir()):
            raise PackageError(f"The folder {folder.name} is not empty.")
        for name in self._names():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.contents[name])

    def write_zip(self, path: Path) -> None:
        """Write the package as a zip file; the same package gives the same bytes.

        Weights are not compressed: that would save a tenth and take an ensemble's upload seconds.
        """
        with zipfile.ZipFile(path, "w") as archive:
            for name in self._names():
                entry = zipfile.ZipInfo(name)  # its date is fixed: 1980
                if name != WEIGHTS:
                    entry.compress_type = zipfile.ZIP_DEFLATED
                content = self.contents[name]
                entry.file_size = len(content)
                with archive.open(entry, "w") as stream:
                    for start in range(0, len(content), MEBIBYTE):
                        stream.write(content[start : start + MEBIBYTE])

    def _names(self) -> list[str]:
        return [name for name in ALLOWED if name in self.contents]


def open_package(source: Path | BinaryIO) -> Package:
    """Open and verify a package: a directory, a zip file, or an open zip file.

    Checks the files (names, links, sizes), the metadata's schema, the sha256 of each file, the
    architecture's name, and the weights' header and finiteness. Whether the weights fit the
    architecture is checked when a runtime loads them. Raises PackageError.
    """
    return _verified(read_bundle(source))


def write_package(
    target: Path,
    *,
    metadata: Mapping[str, Any],
    weights: bytes,
    card: str,
    licence: str,
    reference: Reference | None = None,
) -> Package:
    """Write a new package: a directory, or a zip file where ``target`` ends in .zip.

    ``metadata`` is the whole document but for ``files`` and ``format_version``. The result is
    verified before anything is written. Raises PackageError.
    """
    contents = {WEIGHTS: weights, CARD: card.encode(), LICENCE: licence.encode()}
    if reference is not None:
        contents[REFERENCE] = (json.dumps(reference.as_json(), allow_nan=False) + "\n").encode()
    files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    document = {**metadata, "format_version": 1, "files": files}
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    contents[METADATA] = (text + "\n").encode()
    package = _verified(contents)
    if target.suffix == ".zip":
        package.write_zip(target)
    else:
        package.extract_to(target)
    return open_package(target)


def _verified(contents: Mapping[str, Content]) -> Package:
    metadata = parse_metadata(bytes(contents[METADATA]))
    _check_digests(contents, metadata.files)
    try:
        card = bytes(contents[CARD]).decode()
    except UnicodeDecodeError as error:
        raise PackageError("The package's model card is not text in UTF-8.") from error
    refuse_unstorable(card, "model card")
    tensors = read_tensor_index(contents[WEIGHTS])
    if metadata.out_of_distribution:
        _check_familiarity(metadata.out_of_distribution, tensors)
    # The metadata hold every other file's digest, so their own digest covers the package.
    digest = hashlib.sha256(contents[METADATA]).hexdigest()
    return Package(metadata, digest, tensors, contents, _reference(contents, metadata))


def _reference(contents: Mapping[str, Content], metadata: Metadata) -> Reference | None:
    if REFERENCE not in contents:
        return None
    reference = parse_reference(bytes(contents[REFERENCE]))
    unknown = set(reference.called) - {entry.code for entry in metadata.classes}
    if unknown:
        raise PackageError(
            f"The package's reference counts a class it does not have: {min(unknown)}."
        )
    return reference


def _check_familiarity(measure: OutOfDistribution, tensors: Mapping[str, TensorEntry]) -> None:
    mean = tensors.get(f"{FAMILIARITY_PREFIX}mean")
    components = tensors.get(f"{FAMILIARITY_PREFIX}components")
    skin = tensors.get(f"{FAMILIARITY_PREFIX}skin_direction")
    if (
        not mean
        or not components
        or (components.shape[-1:], 1) != (mean.shape, len(mean.shape))
        or (measure.skin_threshold is not None and (not skin or skin.shape != mean.shape))
    ):
        raise PackageError(
            "The package names an out-of-distribution threshold but lacks its tensors."
        )


def _check_digests(contents: Mapping[str, Content], digests: Mapping[str, str]) -> None:
    if set(digests) != set(contents) - {METADATA}:
        raise PackageError("The package's metadata must name the sha256 of each of its files.")
    for name, digest in digests.items():
        if hashlib.sha256(contents[name]).hexdigest() != digest:
            raise PackageError(
                f"The package's {name} is damaged: its sha256 is not the stated one."
            )
