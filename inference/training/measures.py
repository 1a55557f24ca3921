"""The few measures that training, calibration and evaluation share. Arrays are numpy, float64."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Probabilities of logits (N, C) along the last axis."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def balanced_accuracy(predicted: Labels, labels: Labels) -> float:
    """The mean over the classes present of the share of their images called right."""
    return float(np.mean([np.mean(predicted[labels == c] == c) for c in np.unique(labels)]))


def class_auc(probabilities: Floats, labels: Labels) -> list[float | None]:
    """Area under the ROC curve of each class against the rest; None where there is only one kind."""
    areas: list[float | None] = []
    for index in range(probabilities.shape[1]):
        positive = labels == index
        if positive.all() or not positive.any():
            areas.append(None)
        else:
            areas.append(float(roc_auc_score(positive, probabilities[:, index])))
    return areas


def macro_auc(probabilities: Floats, labels: Labels) -> float:
    """The mean of the classes' areas; classes without images are left out."""
    return float(np.mean([area for area in class_auc(probabilities, labels) if area is not None]))


def expected_calibration_error(
    confidence: Floats, correct: NDArray[np.bool_], *, bins: int = 15
) -> float:
    """Mean distance of confidence and accuracy over equally wide bins (Guo et al., ICML 2017)."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(confidence, edges[1:-1]), 0, bins - 1)
    error = 0.0
    for index in range(bins):
        inside = place == index
        if inside.any():
            gap = abs(float(confidence[inside].mean()) - float(correct[inside].mean()))
            error += float(inside.mean()) * gap
    return error
