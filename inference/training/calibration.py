"""What is fitted on validation images: honest probabilities, the decision, the thresholds.

Probabilities and decisions are kept apart. Probabilities, of each class and of malignancy, should
come true as often as they say in the mixture of the data. Balanced accuracy is a property of the
decision: it weighs every class alike, however rare. One set of numbers cannot serve both, so a
package has calibrated probabilities and, beside them, decision offsets that say which class is
called.

Measured for the ``resnet18`` recipe on its 1,203 validation images, fitted on four fifths of their
lesions and measured on the last fifth, mean of ten divisions. "Compromise" is temperature scaling
with class offsets made weaker until the likeliest class is balanced; error is the expected
calibration error in 15 bins, of the likeliest class, of malignancy, and the mean over classes.

| fitted | error | malignancy | classes | log loss | macro AUC | balanced accuracy |
| --- | --- | --- | --- | --- | --- | --- |
| compromise, one set of numbers | 0.023 | 0.090 | 0.046 | 0.67 | 0.951 | 0.725 |
| mixture's offsets, temperature by log loss | 0.040 | 0.038 | 0.023 | 0.53 | 0.957 | 0.737 |
| mixture's offsets, temperature by least error | 0.024 | 0.046 | 0.024 | 0.55 | 0.956 | 0.737 |
| fitted offsets and temperature (this module) | 0.027 | 0.025 | 0.014 | 0.51 | 0.957 | 0.743 |
| a scale for each class too (vector scaling) | 0.029 | 0.025 | 0.014 | 0.51 | 0.958 | 0.746 |
| this module, then isotonic regression | 0.028 | 0.024 | 0.014 | 0.52 | 0.953 | 0.729 |
| perfect probabilities, by chance alone | 0.025 | 0.025 | 0.014 | | | |
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from inference.engine.package import Calibration, OperatingPoint
from inference.training.measures import Floats, Labels, softmax
from inference.training.records import DataError

SENSITIVITIES = (0.90, 0.95)
SHRINKAGE = 1.0  # as if each class's own offset were known to be 0 within 0.7 (one sigma)
SCALES = (-3.0, 3.0)  # log of 1 / temperature
STRENGTHS = (-2.0, 3.0)


def fit_calibration(logits: Floats, labels: Labels) -> Calibration:
    """Temperature, class offsets and decision offsets from validation logits (N, C).

    Temperature and offsets have the least log loss (bias-corrected temperature scaling: Alexandari,
    Kundaje & Shrikumar, ICML 2020). An offset is a share of the class's log frequency, the same
    for all (1 where training made all classes equally common, 0 where it did not touch them), plus
    one of its own that is shrunk towards 0, so that a class with few images cannot run away.

    The decision offsets take the log frequencies out again: the class called is the one that would
    be likeliest were all classes equally common, which is what balanced accuracy rewards.
    """
    log_frequency = _log_frequency(labels, logits.shape[1])
    centred = log_frequency - log_frequency.mean()
    truth = np.eye(logits.shape[1])[labels]

    def loss_and_gradient(parameters: Floats) -> tuple[float, Floats]:
        scale, strength, own = np.exp(parameters[0]), parameters[1], parameters[2:]
        probabilities = softmax(logits * scale + strength * centred + own)
        at_truth = np.maximum((probabilities * truth).sum(axis=1), 1e-300)
        loss = -np.log(at_truth).sum() + SHRINKAGE * (own**2).sum()
        error = probabilities - truth
        by_class = error.sum(axis=0)
        gradient = [(error * logits).sum() * scale, by_class @ centred]
        return float(loss), np.concatenate([gradient, by_class + 2 * SHRINKAGE * own])

    bounds = [SCALES, STRENGTHS, *[(None, None)] * logits.shape[1]]
    start = np.concatenate([[0.0, 1.0], np.zeros(logits.shape[1])])
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(
        temperature=round(float(np.exp(-found[0])), 4),
        class_offsets=_rounded(found[1] * centred + found[2:]),
        decision_offsets=_rounded(-log_frequency),
    )


def calibrated(logits: Floats, calibration: Calibration) -> Floats:
    """Class probabilities (N, C) as the classifier in service computes them."""
    offsets = np.asarray(calibration.class_offsets or np.zeros(logits.shape[1]))
    return softmax(logits / calibration.temperature + offsets)


def choose_operating_points(
    malignancy: Floats, malignant: NDArray[np.bool_]
) -> tuple[OperatingPoint, ...]:
    """The highest thresholds that still reach each sensitivity; at or above counts as malignant.

    ``malignancy`` is the summed probability, ``malignant`` the truth, both (N,). Raises DataError
    where the images are all malignant or all benign.
    """
    if malignant.all() or not malignant.any():
        raise DataError(
            "Thresholds need malignant and benign images in the validation part: use more data or "
            "another split."
        )
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


def _log_frequency(labels: Labels, classes: int) -> Floats:
    """The log share (C,) of each class, as if each had one image more than it has."""
    counts = np.bincount(labels, minlength=classes) + 1.0
    frequency: Floats = np.log(counts / counts.sum())
    return frequency


def _rounded(offsets: Floats) -> tuple[float, ...]:
    return tuple(round(float(offset), 4) for offset in offsets)
