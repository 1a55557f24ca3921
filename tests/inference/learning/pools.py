"""Small pools to pick from."""

import numpy as np

from inference.learning.candidates import Candidates, Labelled, Subgroups, Vectors

CLASSES = 4
FEATURES = 6


def unit_rows(random: np.random.Generator, count: int, width: int = FEATURES) -> Vectors:
    """Random directions."""
    rows = random.normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def candidates(count: int, *, seed: int = 0, subgroups: Subgroups | None = None) -> Candidates:
    """Candidates of random features, answers and subgroups."""
    random = np.random.default_rng(seed)
    return Candidates(
        keys=[f"case-{seed}-{index}" for index in range(count)],
        probabilities=random.dirichlet(np.ones(CLASSES) / 2, size=count).reshape(count, CLASSES),
        features=unit_rows(random, count),
        subgroups=subgroups if subgroups is not None else some_subgroups(random, count),
    )


def labelled(count: int, *, seed: int = 1, subgroups: Subgroups | None = None) -> Labelled:
    """Labelled cases, the later classes rare, one in three not what the model had said."""
    random = np.random.default_rng(seed)
    shares = np.array([0.7, 0.2, 0.07, 0.03])
    return Labelled(
        labels=random.choice(CLASSES, size=count, p=shares),
        features=unit_rows(random, count),
        subgroups=subgroups if subgroups is not None else some_subgroups(random, count),
        differs=random.random(count) < 1 / 3,
    )


def some_subgroups(random: np.random.Generator, count: int) -> list[dict[str, str]]:
    return [
        {
            "sex": str(random.choice(["female", "male", ""])),
            "skin type": str(random.choice(["II", "III", "V"], p=[0.6, 0.35, 0.05])),
        }
        for _ in range(count)
    ]
