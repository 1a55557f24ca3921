"""What later images are compared with: the package's reference, or the first answers in service."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inference.engine.fields import PackageError
from inference.engine.reference import IMAGE_MEASURES, Histogram, read_reference
from inference.monitoring.stability import FEWEST
from inference.selectors.monitoring.scope import Scope

FIRST_ANSWERS = 500
SIDE = "side"
MALIGNANCY = "malignancy"
FEATURE = "feature-"
STATISTICS = tuple(f"image__statistics__{name}" for name in IMAGE_MEASURES)


@dataclass(frozen=True)
class Expected:
    """Histograms by measure, and how often which class was called, over `images`.

    `source` says in words which images; `is_packaged`: those that the model learned from.
    """

    images: int
    source: str
    is_packaged: bool
    histograms: Mapping[str, Histogram]
    called: Mapping[str, int]
    mean_malignancy: float


def expected_of(scope: Scope) -> Expected | None:
    """The package's own, else that of the first 500 answers here; None while there are too few."""
    return _packaged(scope.model.reference) or _first_answers(scope)


def _packaged(document: Mapping[str, Any]) -> Expected | None:
    try:
        reference = read_reference(document) if document else None
    except PackageError:  # an installation checked it, but a row may have been changed by hand
        return None
    if reference is None:
        return None
    features = {f"{FEATURE}{n}": one for n, one in enumerate(reference.features, 1)}
    return Expected(
        images=reference.images,
        source=reference.source,
        is_packaged=True,
        histograms={
            **reference.image_statistics, **features, MALIGNANCY: reference.malignancy,
        },
        called=reference.called,
        mean_malignancy=reference.mean_malignancy,
    )  # fmt: skip


def _first_answers(scope: Scope) -> Expected | None:
    """In one query."""
    columns = (
        *STATISTICS, "image__width", "image__height", "projection__values", "malignancy", "called",
    )  # fmt: skip
    rows = list(scope.answers().order_by("finished_at", "pk").values_list(*columns)[:FIRST_ANSWERS])
    if len(rows) < FEWEST:
        return None
    count = len(IMAGE_MEASURES)
    values: dict[str, list[float]] = {
        name: [row[index] for row in rows if row[index] is not None]
        for index, name in enumerate(IMAGE_MEASURES)
    }
    values[SIDE] = [float(min(row[count], row[count + 1])) for row in rows]
    values[MALIGNANCY] = [row[count + 3] for row in rows]
    projections = [row[count + 2] for row in rows if row[count + 2]]
    for index in range(min(map(len, projections), default=0)):
        values[f"{FEATURE}{index + 1}"] = [projection[index] for projection in projections]
    return Expected(
        images=len(rows),
        source=f"the first {len(rows)} answers in service",
        is_packaged=False,
        histograms=_histograms(values),
        called=Counter(row[count + 4] for row in rows if row[count + 4]),
        mean_malignancy=sum(values[MALIGNANCY]) / len(rows),
    )


def _histograms(values: Mapping[str, Iterable[float]]) -> dict[str, Histogram]:
    found = {name: Histogram.of(numbers) for name, numbers in values.items()}
    return {name: histogram for name, histogram in found.items() if histogram.n >= FEWEST}
