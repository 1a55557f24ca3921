"""Which class an answer is: the likeliest one, and the one called when all classes weigh alike.

Ties go to the more severe class, so that rounding never hides a malignancy.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Calibration, ModelClass

SEVERITY = {"malignant": 2, "indeterminate": 1, "benign": 0}
SMALLEST = 1e-300  # of a probability, so that its logarithm is finite


def severest_first(classes: Sequence[ModelClass]) -> NDArray[np.int64]:
    """The indices (C,) of the classes, malignant ones before others."""
    severity = [SEVERITY[entry.malignancy] for entry in classes]
    return np.argsort([-value for value in severity], kind="stable")


def likeliest_classes(
    probabilities: NDArray[np.float64], classes: Sequence[ModelClass]
) -> NDArray[np.int64]:
    """The index (N,) of the most probable class of each row (N, C)."""
    order = severest_first(classes)
    chosen: NDArray[np.int64] = order[probabilities[:, order].argmax(axis=1)]
    return chosen


def called_classes(
    probabilities: NDArray[np.float64], classes: Sequence[ModelClass], calibration: Calibration
) -> NDArray[np.int64]:
    """The index (N,) of the class that each row (N, C) of calibrated probabilities calls.

    Without decision offsets it is the likeliest.
    """
    if not calibration.decision_offsets:
        return likeliest_classes(probabilities, classes)
    scores = np.log(np.maximum(probabilities, SMALLEST)) + calibration.decision_offsets
    return likeliest_classes(scores, classes)
