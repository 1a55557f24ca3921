"""Whether an image looks like those the network was trained on, by its features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import FAMILIARITY_PREFIX, Package
from inference.engine.weights import tensor_arrays


@dataclass(frozen=True)
class BareSkin:
    """A linear classifier that tells skin without a lesion: its direction (F,) and intercept."""

    direction: NDArray[np.float32]
    intercept: float
    threshold: float

    def chance(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """How sure it is (N,), from 0 to 1, of features (N, F)."""
        score = np.asarray(features, dtype=np.float64) @ self.direction + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(score, -500, 500))))


@dataclass(frozen=True)
class Familiarity:
    """The main directions (K, F) of the training images' features about their mean (F,)."""

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    threshold: float
    bare_skin: BareSkin | None = None

    def strangeness(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """How strange (N,) features (N, F) are; above 1: unfamiliar, by either measure."""
        residual = self.residual(features) / self.threshold
        if self.bare_skin is None:
            return residual
        return np.maximum(residual, self.bare_skin.chance(features) / self.bare_skin.threshold)

    def residual(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """The distance (N,) of features (N, F) from the familiar subspace."""
        centred = np.asarray(features, dtype=np.float64) - self.mean
        inside = centred @ self.components.T.astype(np.float64)
        # The components are orthonormal up to half precision: subtract what they reproduce.
        outside = centred - inside @ self.components
        distance: NDArray[np.float64] = np.linalg.norm(outside, axis=1)
        return distance


def familiarity_of(package: Package) -> Familiarity | None:
    """The package's own measure, where it has one."""
    measure = package.out_of_distribution
    if measure is None:
        return None
    arrays = tensor_arrays(package, prefix=FAMILIARITY_PREFIX)
    bare_skin = None
    if measure.skin_threshold is not None:
        direction = arrays["skin_direction"].astype(np.float32)
        bare_skin = BareSkin(direction, measure.skin_intercept, measure.skin_threshold)
    return Familiarity(
        arrays["mean"].astype(np.float32),
        arrays["components"].astype(np.float32),
        measure.threshold,
        bare_skin,
    )
