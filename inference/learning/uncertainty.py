"""How unsure the model is, with rare classes weighing more."""

import numpy as np

from inference.learning.candidates import Floats, Labels


def class_weights(labels: Labels, classes: int) -> Floats:
    """The inverse of each class's count among ``labels``, (C,), scaled to a mean of 1.

    One is added to each count (Laplace), so that a class without a label weighs most, not
    infinitely much.
    """
    weights: Floats = 1 / (np.bincount(labels, minlength=classes) + 1.0)
    weights /= weights.mean()
    return weights


def weighted_entropy(probabilities: Floats, weights: Floats | None = None) -> Floats:
    """``-sum(w p log p)`` over the classes, of (N, C) as (N,); without weights from 0 to 1.

    Shannon's entropy over its largest value; with weights that of Guiasu (Rep. Math. Phys. 2,
    1971): to hesitate about a rare class counts for more than to hesitate about a common one.
    """
    classes = probabilities.shape[1]
    if classes < 2:
        return np.zeros(len(probabilities))
    logarithms = np.log(np.where(probabilities > 0, probabilities, 1.0))
    terms = -probabilities * logarithms
    summed: Floats = terms.sum(axis=1) if weights is None else terms @ weights
    summed /= np.log(classes)
    return summed
