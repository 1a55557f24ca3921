"""Features on a few directions: enough of them to see that images have changed."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from inference.engine.reference import Reference

DIRECTIONS = 4


class Projection:
    """A reference's directions, or fixed ones where the package has none.

    The fixed ones are signs that look random (Achlioptas 2003, J Comput Syst Sci 66:671): the same
    on every machine, so that one week can be compared with another.
    """

    def __init__(self, reference: Reference | None) -> None:
        self._given = (
            np.asarray(reference.directions, dtype=np.float64)
            if reference and reference.directions
            else None
        )

    def of(self, features: NDArray[np.float32] | None) -> tuple[float, ...]:
        """Of features (F,), divided by their length: K numbers from -1 to 1.

        Nothing where there are no features, or not as many as the package's directions have: that
        must not cost an answer.
        """
        length = 0.0 if features is None else float(np.linalg.norm(features.astype(np.float64)))
        if features is None or not np.isfinite(length) or length == 0:
            return ()
        directions = fixed_directions(features.size) if self._given is None else self._given
        if directions.shape[1] != features.size:
            return ()
        projected: list[float] = (directions @ (features.astype(np.float64) / length)).tolist()
        return tuple(projected)


def fixed_directions(size: int) -> NDArray[np.float64]:
    """Directions of length 1, (4, size)."""
    stream = hashlib.shake_256(b"directions of features").digest(-(-DIRECTIONS * size // 8))
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8))[: DIRECTIONS * size]
    signs = bits.reshape(DIRECTIONS, size).astype(np.float64) * 2 - 1
    directions: NDArray[np.float64] = signs / np.sqrt(size)
    return directions
