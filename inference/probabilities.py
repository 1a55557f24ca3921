"""Class probabilities as they are shown and counted, in plain Python: the web has no numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any

from inference.models import ModelVersion

# Ties go to the more severe class, as in the engine: rounding never hides a malignancy.
SEVERITY = {"malignant": 2, "indeterminate": 1, "benign": 0}
SMALLEST = 1e-300  # of a probability, so that its logarithm is finite


@dataclass(frozen=True)
class ClassProbability:
    """One bar."""

    code: str
    name: str
    malignancy: str
    probability: float


def sorted_rows(
    version: ModelVersion, probabilities: Mapping[str, float]
) -> list[ClassProbability]:
    """The classes with their probabilities, most probable first."""
    rows = (
        ClassProbability(
            code=kind["code"],
            name=kind["name"],
            malignancy=kind["malignancy"],
            probability=probabilities.get(kind["code"], 0.0),
        )
        for kind in version.classes
    )
    return sorted(rows, key=lambda row: -row.probability)


def operating_point(version: ModelVersion | None) -> float | None:
    """The threshold of the first operating point, or None where the package names none."""
    points = version.operating_points if version is not None else []
    return points[0].get("malignancy_threshold") if points else None


def called_class(version: ModelVersion, probabilities: Mapping[str, float]) -> str:
    """The code that the package's decision calls: `engine.decisions.called_classes` for one row."""
    offsets = version.calibration.get("decision_offsets") or [0.0] * len(version.classes)

    def score(place: int) -> tuple[float, int]:
        kind: dict[str, Any] = version.classes[place]
        probability = max(probabilities.get(kind["code"], 0.0), SMALLEST)
        return log(probability) + offsets[place], SEVERITY[kind["malignancy"]]

    # `max` keeps the first of equals, and so does the engine.
    code: str = version.classes[max(range(len(version.classes)), key=score)]["code"]
    return code


def normalised_entropy(probabilities: Mapping[str, float]) -> float:
    """From 0, all on one class, to 1, all classes alike."""
    if len(probabilities) < 2:
        return 0.0
    entropy = -sum(value * log(value) for value in probabilities.values() if value > 0)
    return min(1.0, max(0.0, entropy / log(len(probabilities))))
