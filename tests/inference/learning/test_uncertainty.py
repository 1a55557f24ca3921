"""Entropy, plain and weighted by class."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from inference.learning.uncertainty import class_weights, weighted_entropy

rows = arrays(float, (5, 4), elements=st.floats(0.001, 1)).map(
    lambda values: values / values.sum(axis=1, keepdims=True)
)


@given(probabilities=rows)
def test_without_weights_it_is_shannons_entropy_from_0_to_1(probabilities: np.ndarray) -> None:
    expected = entropy(probabilities, axis=1) / log(4)
    assert weighted_entropy(probabilities) == pytest.approx(expected)
    assert weighted_entropy(probabilities, np.ones(4)) == pytest.approx(expected)


def test_one_class_for_certain_is_0_and_all_alike_is_1() -> None:
    probabilities = np.array([[1.0, 0, 0], [1 / 3, 1 / 3, 1 / 3]])
    assert weighted_entropy(probabilities) == pytest.approx([0, 1])
    assert weighted_entropy(np.ones((2, 1))) == pytest.approx([0, 0])


def test_to_hesitate_about_a_rare_class_counts_for_more() -> None:
    labels = np.array([0] * 90 + [1] * 90 + [2] * 10)
    common_or_rare = np.array([[0.5, 0.5, 0], [0.5, 0, 0.5]])
    plain = weighted_entropy(common_or_rare)
    assert plain[0] == pytest.approx(plain[1])
    weighted = weighted_entropy(common_or_rare, class_weights(labels, 3))
    assert weighted[1] > 4 * weighted[0]


def test_a_class_without_a_label_weighs_most_and_not_infinitely_much() -> None:
    weights = class_weights(np.array([0, 0, 0, 1]), 3)
    assert weights == pytest.approx(np.array([1 / 4, 1 / 2, 1]) * 3 / (1 / 4 + 1 / 2 + 1))
    assert weights.mean() == pytest.approx(1)
    assert class_weights(np.array([], dtype=np.int64), 3) == pytest.approx([1, 1, 1])
