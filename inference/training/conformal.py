"""Sets of classes that hold the true one nine times in ten, for every class by itself.

Class-conditional (Mondrian) split conformal prediction: Vovk, Conditional validity of inductive
conformal predictors, ACML 2012. The score of a class is 1 minus its probability.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Conformal
from inference.training.measures import Floats, Labels

COVERAGE = 0.90


def fit_conformal(
    probabilities: Floats, labels: Labels, *, coverage: float = COVERAGE
) -> Conformal:
    """Thresholds from validation images: probabilities (N, C) as served, labels (N,).

    A class with too few images for the promise (fewer than 9 for 0.90) is always in the set.
    """
    thresholds = []
    for index in range(probabilities.shape[1]):
        scores = np.sort(1 - probabilities[labels == index, index])
        rank = int(np.ceil((len(scores) + 1) * coverage))
        threshold = float(scores[rank - 1]) if rank <= len(scores) else 1.0
        thresholds.append(min(1.0, float(np.ceil(threshold * 1e6) / 1e6)))
    return Conformal(coverage, tuple(thresholds))


def plausible_classes(probabilities: Floats, conformal: Conformal) -> NDArray[np.bool_]:
    """Which classes (N, C) belong to each image's set; the likeliest always does."""
    inside: NDArray[np.bool_] = 1 - probabilities <= np.asarray(conformal.thresholds)
    inside[np.arange(len(probabilities)), probabilities.argmax(axis=1)] = True
    return inside


def coverage_report(
    probabilities: Floats, labels: Labels, codes: list[str], conformal: Conformal
) -> dict[str, Any]:
    """How often the sets hold the truth, and how large they are, over all and by true class."""
    inside = plausible_classes(probabilities, conformal)
    covered = inside[np.arange(len(labels)), labels]
    sizes = inside.sum(axis=1)
    by_class = {
        code: {
            "images": int((labels == index).sum()),
            "coverage": round(float(covered[labels == index].mean()), 4),
            "mean_size": round(float(sizes[labels == index].mean()), 2),
        }
        for index, code in enumerate(codes)
        if (labels == index).any()
    }
    return {
        "promised": conformal.coverage,
        "coverage": round(float(covered.mean()), 4),
        "mean_size": round(float(sizes.mean()), 2),
        "by_class": by_class,
    }
