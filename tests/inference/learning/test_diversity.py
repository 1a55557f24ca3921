"""Greedy k-center held against a plain reading of it and against every possible choice."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.learning.candidates import Vectors
from inference.learning.diversity import k_center, nearest_product
from tests.inference.learning.pools import unit_rows


def distances(one: Vectors, other: Vectors) -> np.ndarray:
    """Euclid's, for unit rows."""
    return np.linalg.norm(one[:, None, :].astype(float) - other[None, :, :], axis=2)


def radius(features: Vectors, centers: Vectors) -> float:
    """How far the farthest row is from its nearest center."""
    return float(distances(features, centers).min(axis=1).max())


def greedy_read_plainly(features: Vectors, count: int, centers: Vectors) -> list[int]:
    picked: list[int] = []
    for _ in range(count):
        covered = np.concatenate([centers, features[picked]])
        nearest = distances(features, covered).min(axis=1)
        nearest[picked] = -1
        picked.append(int(nearest.argmax()))
    return picked


@given(seed=st.integers(0, 10_000), count=st.integers(1, 8), known=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_each_pick_is_the_farthest_from_what_is_covered(seed: int, count: int, known: int) -> None:
    random = np.random.default_rng(seed)
    features, centers = unit_rows(random, 20), unit_rows(random, known)
    picked = k_center(features, count, centers=centers, block=3)
    assert picked == greedy_read_plainly(features, count, centers)


@given(seed=st.integers(0, 10_000), count=st.integers(1, 4), known=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_radius_is_at_most_twice_the_best_of_all_choices(
    seed: int, count: int, known: int
) -> None:
    random = np.random.default_rng(seed)
    features, centers = unit_rows(random, 9, 3), unit_rows(random, known, 3)
    picked = k_center(features, count, centers=centers)
    best = min(
        radius(features, np.concatenate([centers, features[list(choice)]]))
        for choice in combinations(range(len(features)), count)
    )
    reached = radius(features, np.concatenate([centers, features[picked]]))
    assert reached <= 2 * best + 1e-5


@given(seed=st.integers(0, 1000), rows=st.integers(0, 12), count=st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_nothing_is_picked_twice_and_no_more_than_there_is(
    seed: int, rows: int, count: int
) -> None:
    features = unit_rows(np.random.default_rng(seed), rows)
    picked = k_center(features, count)
    assert len(picked) == len(set(picked)) == min(rows, count)


def test_pictures_that_are_the_same_are_all_picked_in_the_end() -> None:
    features = np.ones((4, 1), dtype=np.float32)
    assert sorted(k_center(features, 4)) == [0, 1, 2, 3]


def test_of_two_crowds_the_one_that_nobody_has_labelled_comes_first() -> None:
    here, there = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    features = np.stack([here, here, here, there, there])
    assert k_center(features, 1, centers=here[None]) == [3]


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
def test_the_nearest_product_does_not_depend_on_the_blocks(block: int) -> None:
    random = np.random.default_rng(3)
    features, others = unit_rows(random, 23), unit_rows(random, 11)
    whole = (features @ others.T).max(axis=1)
    assert nearest_product(features, others, block=block) == pytest.approx(whole, abs=1e-6)
    assert (nearest_product(features, others[:0]) == -1).all()


def test_memory_does_not_grow_with_the_square_of_the_cases() -> None:
    random = np.random.default_rng(4)
    features, centers = unit_rows(random, 20_000, 8), unit_rows(random, 20_000, 8)
    tracemalloc.start()
    k_center(features, 3, centers=centers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All products at once would be 1.6 GB; a block is 16 MiB.
    assert peak < 60 * 2**20
