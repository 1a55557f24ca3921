"""What can be picked, and what is known already: the two things that every strategy is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]
Subgroups = Sequence[Mapping[str, str]]

UNIT = 1e-3  # how far a feature vector's length may be from 1: they come as four-byte floats


@dataclass(frozen=True)
class Candidates:
    """N cases that nobody has answered, as one model version sees them.

    ``keys`` name them, each once; ``probabilities`` are (N, C), rows that sum to 1; ``features``
    are (N, F), rows of length 1; ``subgroups`` say by attribute ("sex", "skin type") to which
    group each belongs, "" where it is not known. ``teaches`` (N,) are those that a model may be
    trained on; None: all. Raises ValueError for shapes that do not fit.
    """

    keys: Sequence[str]
    probabilities: Floats
    features: Vectors
    subgroups: Subgroups
    teaches: Flags | None = None

    def __post_init__(self) -> None:
        count = len(self.keys)
        if len(set(self.keys)) < count:
            raise ValueError("A candidate is named twice.")
        lengths = {len(self.probabilities), len(self.features), len(self.subgroups)}
        lengths |= set() if self.teaches is None else {len(self.teaches)}
        if lengths != {count}:
            raise ValueError(f"{count} keys, but {sorted(lengths)} rows of what is known of them.")
        if count and not np.allclose(self.probabilities.sum(axis=1), 1, atol=UNIT):
            raise ValueError("The probabilities of a candidate do not sum to 1.")
        refuse_other_lengths(self.features)

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Labelled:
    """M cases with an answer: class index (M,), features (M, F) and subgroups as above.

    ``differs`` (M,) says where the model had said something else than the reader.
    """

    labels: Labels
    features: Vectors
    subgroups: Subgroups
    differs: Flags

    def __post_init__(self) -> None:
        lengths = {len(self.features), len(self.subgroups), len(self.differs)}
        if lengths != {len(self.labels)}:
            raise ValueError(
                f"{len(self.labels)} labels, but {sorted(lengths)} rows of what is known of them."
            )
        refuse_other_lengths(self.features)


def refuse_other_lengths(features: Vectors) -> None:
    """Raise ValueError unless every row has length 1: products would be no cosines."""
    if len(features) and not np.allclose(np.linalg.norm(features, axis=1), 1, atol=UNIT):
        raise ValueError("A feature vector is not of length 1.")


def centred(*parts: Vectors) -> list[Vectors]:
    """The same rows about their common mean, of length 1 again.

    What comes out of a rectified last layer points the same way for every image: as it is, all
    cosines are near 1. A row that is the mean itself becomes the first direction.
    """
    every = np.concatenate(parts)
    moved = every - every.mean(axis=0) if len(every) else every
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    alike = lengths[:, 0] < UNIT
    moved[alike], lengths[alike] = 0, 1
    moved[alike, :1] = 1
    rows = (moved / lengths).astype(np.float32)
    return np.split(rows, np.cumsum([len(part) for part in parts])[:-1])
