"""From an xgboost model to the complete binary trees that ``engine.trees`` answers with."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xgboost import Booster


@dataclass(frozen=True)
class TreeArrays:
    """The tensors of a package of trees; see ``engine.trees`` for their shapes and meaning."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    value: NDArray[np.float32]


def complete_trees(booster: Booster, *, classes: int, depth: int) -> TreeArrays:
    """The trees of a multi-class booster without intercept (``base_score`` 0).

    A branch that ends early is continued with splits whose two sides say the same.
    """
    document = json.loads(bytes(booster.save_raw("json")))
    trees = document["learner"]["gradient_booster"]["model"]["trees"]
    inner = 2**depth - 1
    feature = np.zeros((len(trees), inner), dtype=np.int64)
    threshold = np.zeros((len(trees), inner), dtype=np.float32)
    value = np.zeros((len(trees), 2 * inner + 1), dtype=np.float32)
    for index, tree in enumerate(trees):
        _fill(tree, feature[index], threshold[index], value[index])
    # xgboost grows one tree a class in each round, in the order of the classes.
    shape = (len(trees) // classes, classes, -1)
    return TreeArrays(feature.reshape(shape), threshold.reshape(shape), value.reshape(shape))


def _fill(
    tree: dict[str, Any],
    feature: NDArray[np.int64],
    threshold: NDArray[np.float32],
    value: NDArray[np.float32],
) -> None:
    means = _mean_values(tree)
    node_at = {0: 0}  # place in the complete tree -> xgboost's node
    for place in range(len(value)):
        node = node_at.pop(place)
        value[place] = means[node]
        if place >= len(feature):
            continue
        left, right = tree["left_children"][node], tree["right_children"][node]
        if left < 0:
            left = right = node
        else:
            feature[place] = tree["split_indices"][node]
            threshold[place] = tree["split_conditions"][node]
        node_at[2 * place + 1], node_at[2 * place + 2] = left, right


def _mean_values(tree: dict[str, Any]) -> list[float]:
    """What is expected at each node: its leaves' values, weighted by what reached them."""
    means = list(tree["split_conditions"])  # of a leaf: its value
    weight = tree["sum_hessian"]
    # Children have higher numbers than their parent.
    for node in reversed(range(len(means))):
        left, right = tree["left_children"][node], tree["right_children"][node]
        if left >= 0:
            total = weight[left] + weight[right]
            share = weight[left] / total if total > 0 else 0.5
            means[node] = share * means[left] + (1 - share) * means[right]
    return means
