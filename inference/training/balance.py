"""Class balance: how often each class is drawn, and how much it weighs; see also losses.py."""

from collections.abc import Sequence

import torch
from torch import Tensor


def drawing_shares(counts: Sequence[int], exponent: float) -> Tensor:
    """The share of each class in a training epoch: count ** exponent, normalised.

    1 keeps the natural frequencies, 0 draws every class equally often.
    """
    weights = torch.tensor(counts, dtype=torch.float64) ** exponent
    return weights / weights.sum()


def draw_epoch(labels: Tensor, shares: Tensor, random: torch.Generator) -> Tensor:
    """Indices of one epoch, as many as there are labels, in random order.

    Within a class every image is drawn equally often (give or take one): shuffled copies, not
    independent draws, so no image is left out by chance when its class is drawn once or more.
    """
    chosen = []
    wanted = shares * len(labels)
    for label in range(len(shares)):
        members = torch.nonzero(labels == label).flatten()
        count = round(float(wanted[label]))
        if len(members) == 0 or count == 0:
            continue
        copies = [
            members[torch.randperm(len(members), generator=random)]
            for _ in range(-(-count // len(members)))
        ]
        chosen.append(torch.cat(copies)[:count])
    drawn = torch.cat(chosen)
    return drawn[torch.randperm(len(drawn), generator=random)]


def effective_number_weights(
    counts: Sequence[int], shares: Tensor, *, overlap: float = 0.9999
) -> Tensor:
    """Weights of the classes by their effective number of images (Cui et al., CVPR 2019).

    The n-th image of a class adds ``overlap ** (n - 1)``, because it resembles those before it; a
    weight is the inverse of the sum. Scaled so that an image drawn with ``shares`` weighs one on
    average, which keeps the learning rate's meaning. A class without images weighs nothing.
    """
    number = torch.tensor(counts, dtype=torch.float64)
    inverse = torch.where(number > 0, (1 - overlap) / (1 - overlap**number), 0.0)
    return (inverse / (inverse * shares.double()).sum()).float()
