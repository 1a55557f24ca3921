"""What is fitted on validation images: offsets, temperature and the malignancy thresholds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Calibration, OperatingPoint
from inference.training.measures import (
    Floats,
    Labels,
    balanced_accuracy,
    expected_calibration_error,
    softmax,
)

SENSITIVITIES = (0.90, 0.95)
STRENGTHS = tuple(step / 20 for step in range(21))
TEMPERATURES = tuple(float(t) for t in np.exp(np.linspace(-1.5, 1.5, 151)))
AFFORDED = 0.01  # of balanced accuracy, for probabilities nearer to the true frequencies


def fit_calibration(logits: Floats, labels: Labels) -> Calibration:
    """Class offsets and temperature for a network trained as if all classes were equally common.

    Its raw probabilities overstate rare classes. Adding the log frequency of each class, times a
    strength, corrects that: at 1 the probabilities are those of the data's mixture, but few rare
    lesions are called; at 0 all classes count alike. Chosen is the greatest strength that costs at
    most 0.01 of the best balanced accuracy on these (validation) images. ``logits`` are (N, C).
    """
    counts = np.bincount(labels, minlength=logits.shape[1]) + 1.0
    log_frequency = np.log(counts / counts.sum())
    candidates = [
        fit_temperature(logits, labels, class_offsets=(strength * log_frequency).round(4).tolist())
        for strength in STRENGTHS
    ]
    reached = [
        balanced_accuracy(calibrated(logits, candidate).argmax(axis=1), labels)
        for candidate in candidates
    ]
    enough = max(reached) - AFFORDED
    return [c for c, value in zip(candidates, reached, strict=True) if value >= enough][-1]


def fit_temperature(
    logits: Floats, labels: Labels, *, class_offsets: Sequence[float] = ()
) -> Calibration:
    """The temperature with which the likeliest class is right as often as its probability says.

    The one with the least expected calibration error, of a fine grid. The usual choice, the least
    log loss over all classes (Guo et al., ICML 2017), would bend the temperature to make up for
    offsets that are not the data's mixture.
    """
    offsets = np.asarray(class_offsets or np.zeros(logits.shape[1]))

    def error(temperature: float) -> float:
        probabilities = softmax(logits / temperature + offsets)
        right = probabilities.argmax(axis=1) == labels
        return expected_calibration_error(probabilities.max(axis=1), right)

    temperature: float = min(TEMPERATURES, key=error)
    return Calibration(round(temperature, 4), tuple(class_offsets))


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
