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
    group each belongs, "" where it is not known. Raises ValueError for shapes that do not fit.
    """

    keys: Sequence[str]
    probabilities: Floats
    features: Vectors
    subgroups: Subgroups

    def __post_init__(self) -> None:
        count = len(self.keys)
        if len(set(self.keys)) < count:
            raise ValueError("A candidate is named twice.")
        lengths = {len(self.probabilities), len(self.features), len(self.subgroups)}
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
