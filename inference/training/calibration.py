"""What is fitted on validation images: the temperature and the malignancy thresholds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from inference.engine.package import Calibration, OperatingPoint
from inference.training.measures import Floats, Labels, softmax

SENSITIVITIES = (0.90, 0.95)


def fit_temperature(
    logits: Floats, labels: Labels, *, class_offsets: Sequence[float] = ()
) -> Calibration:
    """The temperature with the least negative log likelihood (Guo et al., ICML 2017)."""
    offsets = np.asarray(class_offsets or np.zeros(logits.shape[1]))
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        probabilities = softmax(logits / np.exp(log_temperature) + offsets)
        return -float(np.log(np.maximum(probabilities[rows, labels], 1e-12)).mean())

    best = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
    return Calibration(round(float(np.exp(best.x)), 4), tuple(class_offsets))


def calibrated(logits: Floats, calibration: Calibration) -> Floats:
    """Class probabilities (N, C) as the classifier in service computes them."""
    offsets = np.asarray(calibration.class_offsets or np.zeros(logits.shape[1]))
    return softmax(logits / calibration.temperature + offsets)


def choose_operating_points(
    malignancy: Floats, malignant: NDArray[np.bool_]
) -> tuple[OperatingPoint, ...]:
    """The highest thresholds that still reach each sensitivity; at or above counts as malignant.

    ``malignancy`` is the summed probability, ``malignant`` the truth, both (N,).
    """
    return tuple(_operating_point(malignancy, malignant, wanted) for wanted in SENSITIVITIES)


def _operating_point(
    malignancy: Floats, malignant: NDArray[np.bool_], wanted: float
) -> OperatingPoint:
    scores = np.sort(malignancy[malignant])
    missed = int(np.floor((1 - wanted) * len(scores) + 1e-9))
    # Rounded down, so that a tie counts as malignant.
    threshold = float(np.floor(scores[missed] * 1e6) / 1e6)
    called = malignancy >= threshold
    return OperatingPoint(
        name=f"sensitivity {wanted:.2f}",
        malignancy_threshold=threshold,
        sensitivity=round(float(called[malignant].mean()), 4),
        specificity=round(float((~called[~malignant]).mean()), 4),
    )
