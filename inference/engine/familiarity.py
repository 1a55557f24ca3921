"""Whether an image looks like those the network was trained on, by its features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import FAMILIARITY_PREFIX, Package
from inference.engine.weights import tensor_arrays


@dataclass(frozen=True)
class Familiarity:
    """The main directions (K, F) of the training images' features about their mean (F,)."""

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    threshold: float

    def strangeness(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Distances (N,) of features (N, F) from the familiar subspace; above 1: unfamiliar."""
        centred = np.asarray(features, dtype=np.float64) - self.mean
        inside = centred @ self.components.T.astype(np.float64)
        # The components are orthonormal up to half precision: subtract what they reproduce.
        outside = centred - inside @ self.components
        distance: NDArray[np.float64] = np.linalg.norm(outside, axis=1) / self.threshold
        return distance


def familiarity_of(package: Package) -> Familiarity | None:
    """The package's own measure, where it has one."""
    if package.out_of_distribution is None:
        return None
    arrays = tensor_arrays(package, prefix=FAMILIARITY_PREFIX)
    return Familiarity(
        arrays["mean"].astype(np.float32),
        arrays["components"].astype(np.float32),
        package.out_of_distribution.threshold,
    )
