"""Fit what is familiar to a network, and measure how well the strange is told from it.

Two measures of the features before the classifier. The residual is the distance from the main
directions in which training images vary (as in ViM: Wang et al., CVPR 2022). It misses skin without
a lesion, which is part of every training image; so a linear classifier is taught to tell training
images from bare skin, cut from their corners or generated (outlier exposure: Hendrycks, Mazeika &
Dietterich, ICLR 2019). An image is strange if either measure passes its threshold.

Measured for the ``resnet18`` recipe against 1,203 validation images, AUROC and share flagged at a
threshold that keeps 99 % of them; corners and cameras were not used in the fit:

| score | generated skin | bare corners by mask | other cameras' corners | the other kinds |
| --- | --- | --- | --- | --- |
| residual, 32 directions | 0.981, 33 % | 0.880, 1 % | 0.911, 7 % | 0.999 or more, 97 % |
| residual, 128 directions | 0.986, 59 % | 0.898, 4 % | 0.905, 11 % | 0.999 or more, all |
| residual and bare skin | 0.996, 83 % | 0.982, 81 % | 0.985, 77 % | 0.999 or more, 94 % |
| Mahalanobis distance | 0.980, 45 % | 0.881, 1 % | | 0.999 or more, 98 % |
| tenth nearest neighbour | 0.883, 5 % | 0.834, 17 % | | 0.939 or more, 17 % |
| energy of the logits | 0.430, 0 % | 0.490, 0 % | | 0.099 or more, 0 % |

The energy (Liu et al., NeurIPS 2020) is measured for every package and not used: on smooth images
it is wrong nearly always, and joining it to the others made them worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from inference.training.measures import Floats, area_under_roc

FAMILIARITY = "familiarity.npz"
COMPONENTS = 128
KEPT = 0.99  # share of the validation images that count as familiar, at least
PENALTY = 0.01  # of the bare-skin classifier; smaller is smoother (scikit-learn's C)

Strange = Mapping[str, Floats]  # scores of images that are no dermoscopy of a lesion, by kind
Direction = NDArray[np.float32]


@dataclass(frozen=True)
class BareSkin:
    """A linear classifier on features: its direction (F,) and intercept, and its scores."""

    direction: Direction
    intercept: float
    validation: Floats
    strange: Strange


@dataclass(frozen=True)
class Energy:
    """Minus the log of the summed exponentials of the logits: high for what is unlike training."""

    validation: Floats
    strange: Strange


@dataclass(frozen=True)
class FamiliarityFit:
    """The subspace of the training features, and distances from it (N,).

    ``validation`` are distances of real images that the network has not seen, ``strange`` those of
    images that are no dermoscopy of a lesion. Runs of earlier versions have no other measure.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    validation: Floats
    strange: Strange
    bare_skin: BareSkin | None = None
    energy: Energy | None = None

    def write(self, path: Path) -> None:
        arrays = {"mean": self.mean, "components": self.components}
        arrays |= _as_arrays("", self.validation, self.strange)
        if self.bare_skin:
            arrays["skin_direction"] = self.bare_skin.direction
            arrays["skin_intercept"] = np.array(self.bare_skin.intercept)
            arrays |= _as_arrays("skin_", self.bare_skin.validation, self.bare_skin.strange)
        if self.energy:
            arrays |= _as_arrays("energy_", self.energy.validation, self.energy.strange)
        np.savez(path, **arrays)  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> "FamiliarityFit":
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        bare_skin, energy = None, None
        if "skin_direction" in arrays:
            scores = arrays["skin_validation"], _strange(arrays, "skin_")
            intercept = float(arrays["skin_intercept"])
            bare_skin = BareSkin(arrays["skin_direction"], intercept, *scores)
        if "energy_validation" in arrays:
            energy = Energy(arrays["energy_validation"], _strange(arrays, "energy_"))
        residuals = arrays["validation"], _strange(arrays, "")
        return cls(arrays["mean"], arrays["components"], *residuals, bare_skin, energy)

    def as_metadata(self) -> dict[str, Any]:
        """The package's ``out_of_distribution``: thresholds and how well they work."""
        measures = {"residual": (self.validation, self.strange)}
        if self.bare_skin:
            measures["bare_skin"] = self.bare_skin.validation, self.bare_skin.strange
        # What either flags must not be more than what one would.
        share = 1 - (1 - KEPT) / len(measures)
        thresholds = {
            name: round(float(np.quantile(validation, share)), 5)
            for name, (validation, _) in measures.items()
        }
        validation = _joined({name: v for name, (v, _) in measures.items()}, thresholds)
        strange = {
            kind: _joined({name: s[kind] for name, (_, s) in measures.items()}, thresholds)
            for kind in self.strange
        }
        if self.energy:
            measures["energy"] = self.energy.validation, self.energy.strange
        document: dict[str, Any] = {
            "method": "feature_residual",
            "threshold": thresholds["residual"],
            "kept_of_validation": round(float(np.mean(validation <= 1)), 4),
            "auroc": _aurocs(validation, strange),
            "flagged": {
                kind: round(float(np.mean(scores > 1)), 4) for kind, scores in strange.items()
            },
            "auroc_alone": {name: _aurocs(*scores) for name, scores in measures.items()},
        }
        if self.bare_skin:
            document["method"] = "feature_residual_and_bare_skin"
            document["skin_intercept"] = round(self.bare_skin.intercept, 5)
            document["skin_threshold"] = thresholds["bare_skin"]
        return document


def fit_familiarity(features: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (F,) and the main directions (K, F) of the training images' features (N, F).

    At most a quarter of all directions: where all are main ones, nothing can leave them.
    """
    mean = features.mean(axis=0)
    _, _, directions = np.linalg.svd(features - mean, full_matrices=False)
    count = max(1, min(COMPONENTS, features.shape[1] // 4))
    return mean.astype(np.float32), directions[:count].astype(np.float32)


def fit_bare_skin(features: Floats, skin: Floats) -> tuple[Direction, float]:
    """What tells bare skin (M, F) from training images (N, F): direction (F,) and intercept.

    Both kinds weigh alike, however many images there are of each.
    """
    spread = features.std(axis=0)
    spread = np.maximum(spread, 1e-3 * spread.mean())
    is_skin = np.arange(len(features) + len(skin)) >= len(features)
    model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=3000)
    model.fit(np.concatenate([features, skin]) / spread, is_skin)
    # Rounded as a package stores it, so that thresholds fit what is served.
    direction = (model.coef_[0] / spread).astype(np.float16).astype(np.float32)
    return direction, float(model.intercept_[0])


def energy_of(logits: Floats) -> Floats:
    """The energy (N,) of logits (N, C)."""
    highest = logits.max(axis=1)
    energy: Floats = -(highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1)))
    return energy


def _joined(scores: Mapping[str, Floats], thresholds: Mapping[str, float]) -> Floats:
    """The strangeness (N,), as ``engine.familiarity`` computes it."""
    joined: Floats = np.max([scores[name] / thresholds[name] for name in scores], axis=0)
    return joined


def _aurocs(validation: Floats, strange: Strange) -> dict[str, float]:
    return {kind: _auroc(validation, scores) for kind, scores in strange.items()}


def _auroc(validation: Floats, strange: Floats) -> float:
    scores = np.concatenate([validation, strange])
    is_strange = np.arange(len(scores)) >= len(validation)
    return round(area_under_roc(scores, is_strange) or 0.0, 4)


def _as_arrays(prefix: str, validation: Floats, strange: Strange) -> dict[str, NDArray[Any]]:
    named = {f"{prefix}strange_{kind}": scores for kind, scores in strange.items()}
    return {f"{prefix}validation": validation, **named}


def _strange(arrays: Mapping[str, Floats], prefix: str) -> dict[str, Floats]:
    start = f"{prefix}strange_"
    return {
        name.removeprefix(start): scores
        for name, scores in arrays.items()
        if name.startswith(start)
    }
