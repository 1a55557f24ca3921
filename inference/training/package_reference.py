"""What a model learned from, measured by the model in service itself and put into its package."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.bundle_files import LICENCE, METADATA
from inference.engine.classifier import Answer, Classifier
from inference.engine.image_statistics import image_statistics
from inference.engine.package import Package, write_package
from inference.engine.preprocess import UnreadableImageError, load_image
from inference.engine.projection import DIRECTIONS, fixed_directions
from inference.engine.reference import IMAGE_MEASURES, Histogram, Reference
from inference.training.labelled_images import find_labelled
from inference.training.records import DataError, read_records
from inference.training.splits import Split

FEWEST = 50
DIGITS = 5


@dataclass(frozen=True)
class Sample:
    """The files of some training images, drawn out of ``of``."""

    paths: tuple[Path, ...]
    of: int

    @classmethod
    def draw(
        cls,
        sources: Sequence[tuple[Path, Path]],
        *,
        split: Path | None,
        part: str,
        images: int,
        seed: int,
    ) -> "Sample":
        """``images`` of those that the CSVs name (and the split's part holds) and that are there.

        Raises DataError where fewer than fifty are.
        """
        within = _part(split, part) if split else None
        found: dict[str, Path] = {}
        for folder, metadata in sources:
            ids = [record.image_id for record in read_records(metadata)]
            wanted = [key for key in ids if within is None or key in within]
            found |= find_labelled(folder, wanted)
        if min(len(found), images) < FEWEST:
            raise DataError(
                f"A reference needs {FEWEST} training images; {min(len(found), images)} are there."
            )
        keys = sorted(found)
        drawn = random.Random(seed).sample(keys, min(images, len(keys)))  # noqa: S311 - repeatable
        return cls(tuple(found[key] for key in sorted(drawn)), len(found))


def _part(split: Path, name: str) -> frozenset[str]:
    parts = Split.read(split).parts
    if name not in parts:
        raise DataError(f"The split has no part {name}; it has {', '.join(parts)}.")
    return frozenset(parts[name])


def measure_reference(
    classifier: Classifier, sample: Sample, *, source: str | None = None
) -> Reference:
    """Answer the sample and count. The directions are the principal ones of the features.

    Raises DataError where too few images can be decoded.
    """
    measured: list[dict[str, float]] = []
    answers: list[Answer] = []
    size, batch = classifier.package.preprocessing.size, classifier.runtime.batch_size
    for start in range(0, len(sample.paths), batch):
        pixels = [_decoded(path, size) for path in sample.paths[start : start + batch]]
        images = [one for one in pixels if one is not None]
        measured += [asdict(image_statistics(one)) for one in images]
        answers += classifier.classify(images)
    if len(answers) < FEWEST:
        raise DataError(f"Only {len(answers)} of the training images can be decoded.")
    directions, projected = _principal(answers)
    malignancy = [answer.malignancy for answer in answers]
    return Reference(
        images=len(answers),
        source=source or _sources(classifier.package),
        image_statistics={
            name: _rounded([one[name] for one in measured]) for name in IMAGE_MEASURES
        },
        directions=directions,
        features=tuple(_rounded(column.tolist()) for column in projected.T),
        called=dict(Counter(answer.called for answer in answers)),
        malignancy=_rounded(malignancy),
        mean_malignancy=round(float(np.mean(malignancy)), DIGITS),
    )


def with_reference(
    package: Package, reference: Reference, *, target: Path, version: str | None = None
) -> Package:
    """The same package under a new version, with the reference in it.

    The card's own mentions of the version follow. Raises PackageError where the result is no
    package, DataError where the target is there already.
    """
    if target.exists():
        raise DataError(f"{target.name} is there already: give the new package another place.")
    new = version or _next_patch(package.version)
    document = json.loads(bytes(package.contents[METADATA]))
    kept = {key: value for key, value in document.items() if key not in ("files", "format_version")}
    title = f"# {package.name} {package.version}"
    return write_package(
        target,
        metadata=kept | {"version": new},
        weights=package.weights(),
        card=package.card.replace(title, f"# {package.name} {new}", 1),
        licence=bytes(package.contents[LICENCE]).decode(),
        reference=reference,
    )


def _next_patch(version: str) -> str:
    major, minor, patch = version.split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def _decoded(path: Path, size: int) -> NDArray[np.uint8] | None:
    try:
        return load_image(path, size)
    except UnreadableImageError:
        return None


def _principal(
    answers: Sequence[Answer],
) -> tuple[tuple[tuple[float, ...], ...], NDArray[np.float64]]:
    """The directions (K, F) in which features of length 1 differ most, and projections (N, K)."""
    features = [answer.features for answer in answers if answer.features is not None]
    if len(features) < len(answers):
        return (), np.empty((len(answers), 0))
    unit = np.asarray(features, dtype=np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    count = min(DIRECTIONS, *fixed_directions(unit.shape[1]).shape)
    components = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)[2][:count]
    # Rounded first: the histograms are those of the directions that the file holds.
    components = components.round(DIGITS)
    directions = tuple(tuple(row) for row in components.tolist())
    return directions, unit @ components.T


def _rounded(values: Sequence[float]) -> Histogram:
    """Counted between edges that a file can hold; values as precise as the database's."""
    first = Histogram.of(values)
    edges = sorted({round(edge, DIGITS) for edge in first.edges})
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return Histogram(tuple(edges), tuple(counts.tolist()))


def _sources(package: Package) -> str:
    names = [source.get("name", "") for source in package.training.get("sources", [])]
    return f"Training images: {'; '.join(names)}" if any(names) else "Training images"
