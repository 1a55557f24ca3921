"""Class balance: how often each class is drawn, and how the loss accounts for it."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


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


def logit_adjusted_loss(
    logits: Tensor, labels: Tensor, shares: Tensor, *, strength: float, smoothing: float = 0.0
) -> Tensor:
    """Cross entropy of logits shifted by the log share of each class (Menon et al., ICLR 2021).

    The unshifted logits then answer as if all classes were equally common, which is what balanced
    accuracy asks for. Strength 0 is plain cross entropy.
    """
    shifted = logits + strength * shares.log().to(logits.dtype)
    return functional.cross_entropy(shifted, labels, label_smoothing=smoothing)
