"""Fit what is familiar to a network, and measure how well the strange is told from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.measures import Floats, area_under_roc

FAMILIARITY = "familiarity.npz"
COMPONENTS = 32
KEPT = 0.99  # share of the validation images that count as familiar


@dataclass(frozen=True)
class FamiliarityFit:
    """The subspace of the training features, and distances from it (N,).

    ``validation`` are distances of real images that the network has not seen, ``strange`` those of
    generated images that are no dermoscopy, by kind.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    validation: Floats
    strange: Mapping[str, Floats]

    def write(self, path: Path) -> None:
        strange = {f"strange_{kind}": values for kind, values in self.strange.items()}
        np.savez(
            path,
            mean=self.mean,
            components=self.components,
            validation=self.validation,
            **strange,  # type: ignore[arg-type]
        )

    @classmethod
    def read(cls, path: Path) -> "FamiliarityFit":
        with np.load(path) as arrays:
            strange = {
                name.removeprefix("strange_"): arrays[name]
                for name in arrays.files
                if name.startswith("strange_")
            }
            return cls(arrays["mean"], arrays["components"], arrays["validation"], strange)

    def as_metadata(self) -> dict[str, Any]:
        """The package's ``out_of_distribution``: threshold and how well it works."""
        threshold = float(np.quantile(self.validation, KEPT))
        return {
            "method": "feature_residual",
            "threshold": round(threshold, 5),
            "kept_of_validation": KEPT,
            "auroc": {kind: self._auroc(values) for kind, values in self.strange.items()},
            "flagged": {
                kind: round(float(np.mean(values > threshold)), 4)
                for kind, values in self.strange.items()
            },
        }

    def _auroc(self, strange: Floats) -> float:
        distances = np.concatenate([self.validation, strange])
        is_strange = np.arange(len(distances)) >= len(self.validation)
        return round(area_under_roc(distances, is_strange) or 0.0, 4)


def fit_familiarity(features: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (F,) and the main directions (K, F) of the training images' features (N, F).

    What real images vary in lies mostly within these directions; images of another kind leave
    them. (Principal-component residuals, as in ViM: Wang et al., CVPR 2022. The network's energy
    was tried first: on smooth generated images it was wrong nearly always.)
    """
    mean = features.mean(axis=0)
    _, _, directions = np.linalg.svd(features - mean, full_matrices=False)
    return mean.astype(np.float32), directions[:COMPONENTS].astype(np.float32)
