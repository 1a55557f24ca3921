"""The measures that training, calibration and evaluation share.

Probabilities are float64 (N, C), labels int64 (N,) class indices.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]


def softmax(logits: Floats) -> Floats:
    """Probabilities of logits (..., C) along the last axis."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def balanced_accuracy(predicted: Labels, labels: Labels) -> float:
    """The mean over the classes present of the share of their images called right."""
    return float(np.mean([np.mean(predicted[labels == c] == c) for c in np.unique(labels)]))


def area_under_roc(scores: Floats, positive: Flags) -> float | None:
    """The chance that a positive scores above a negative (ties count half); None if undefined."""
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return None
    # Workers compare models by these measures, and need scipy for nothing else.
    from scipy.stats import rankdata

    rank_sum = float(rankdata(scores)[positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def class_aucs(probabilities: Floats, labels: Labels) -> list[float | None]:
    """Area under the ROC curve of each class against the rest."""
    return [
        area_under_roc(probabilities[:, index], labels == index)
        for index in range(probabilities.shape[1])
    ]


def macro_auc(probabilities: Floats, labels: Labels) -> float:
    """The mean of the classes' areas; classes without images are left out."""
    areas = [area for area in class_aucs(probabilities, labels) if area is not None]
    return float(np.mean(areas)) if areas else float("nan")


def expected_calibration_error(confidence: Floats, correct: Flags, *, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over equally wide bins (Guo et al., ICML 2017)."""
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    error = 0.0
    for index in np.unique(place):
        inside = place == index
        gap = abs(float(confidence[inside].mean()) - float(correct[inside].mean()))
        error += float(inside.mean()) * gap
    return error
