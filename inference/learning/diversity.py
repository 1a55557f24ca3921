"""Picks that cover what there is: greedy k-center on the network's features."""

import numpy as np

from inference.learning.candidates import Vectors

BLOCK = 2048  # rows a side of a block of products: 16 MiB


def nearest_product(features: Vectors, others: Vectors, *, block: int = BLOCK) -> Vectors:
    """The largest cosine of each row (N, F) with any row of (M, F); -1 without any.

    In blocks, so that memory does not grow with N times M.
    """
    nearest = np.full(len(features), -1, dtype=np.float32)
    for start in range(0, len(features), block):
        rows = slice(start, start + block)
        for other in range(0, len(others), block):
            products = features[rows] @ others[other : other + block].T
            np.maximum(nearest[rows], products.max(axis=1), out=nearest[rows])
    return nearest


def k_center(
    features: Vectors, count: int, *, centers: Vectors | None = None, block: int = BLOCK
) -> list[int]:
    """Up to ``count`` row indices, each the row farthest from all centers and picks before it.

    The greedy algorithm of Gonzalez (Theor. Comput. Sci. 38, 1985): the largest distance that is
    left is at most twice the smallest possible. ``centers`` (M, F) are covered already (labelled
    cases: Sener and Savarese, ICLR 2018). Without any the first pick is the row nearest to the
    mean. Rows have length 1, so that the farthest is the one of the smallest product. Of equals the
    first is taken.
    """
    count = min(count, len(features))
    if not count:
        return []
    picked: list[int] = []
    if centers is None or not len(centers):
        picked.append(int(np.argmax(features @ features.mean(axis=0))))
        nearest: Vectors = features @ features[picked[0]]
    else:
        nearest = nearest_product(features, centers, block=block)
    nearest[picked] = np.inf
    while len(picked) < count:
        index = int(np.argmin(nearest))
        np.maximum(nearest, features @ features[index], out=nearest)
        nearest[index] = np.inf
        picked.append(index)
    return picked
