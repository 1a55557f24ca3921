"""How much each member of an ensemble counts, and whether knowing that is worth anything.

Logits are float64 (M, N, C): members, images, classes. Members may be differently sure of
themselves, so each one's logits are first divided by a temperature of its own; in service that is
folded into the weights (the package's own temperature makes up for their sum being 1).

Everything is judged by a log loss in which every class counts alike, because the networks are
trained as if all classes were equally common.
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp

from inference.training.measures import Floats, Labels, softmax

SHRINKAGE = 0.01  # how strongly weights are drawn to equal ones, in units of the loss
SCALES = (-3.0, 3.0)  # log of 1 / temperature
LEAST_SHARE = 0.01  # a member that counts less costs its time and changes nothing


def log_losses(logits: Floats, labels: Labels) -> Floats:
    """The log loss (N,) of each image, of logits (N, C)."""
    losses: Floats = logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]
    return losses


def class_shares(labels: Labels) -> Floats:
    """What each image (N,) counts where all classes present count alike; the sum is 1."""
    counts = np.bincount(labels)
    shares: Floats = 1 / (counts[labels] * np.count_nonzero(counts))
    return shares


def fit_scale(logits: Floats, labels: Labels) -> float:
    """One over the temperature with which logits (N, C) have the least loss."""
    shares = class_shares(labels)
    found = minimize_scalar(
        lambda log_scale: shares @ log_losses(logits * np.exp(log_scale), labels),
        bounds=SCALES,
        method="bounded",
    )
    return float(np.exp(found.x))


def equal_weights(logits: Floats, labels: Labels) -> Floats:
    """Weights (M,) by which all members count alike once each has its own temperature."""
    scales = np.array([fit_scale(member, labels) for member in logits])
    weights: Floats = scales / scales.sum()
    return weights


def fit_weights(logits: Floats, labels: Labels) -> Floats:
    """The weights (M,) of least loss among those that are not negative and sum to 1.

    The loss is convex in them (a log-sum-exp of sums, less a sum), so there is one answer. They
    are drawn a little towards equal ones: members are alike, and images are few.
    """
    scales = np.array([fit_scale(member, labels) for member in logits])
    scaled = logits * scales[:, None, None]
    shares = class_shares(labels)
    at_truth = scaled[:, np.arange(len(labels)), labels]

    def loss_and_gradient(parts: Floats) -> tuple[float, Floats]:
        mixed = np.tensordot(parts, scaled, axes=1)
        apart = parts - parts.mean()
        loss = shares @ log_losses(mixed, labels)
        expected = (scaled * softmax(mixed)).sum(axis=2)
        gradient = (expected - at_truth) @ shares + 2 * SHRINKAGE * len(parts) * apart
        return float(loss + SHRINKAGE * len(parts) * (apart**2).sum()), gradient

    found = minimize(
        loss_and_gradient,
        np.full(len(logits), 1 / len(logits)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(logits),
    )
    weights = found.x * scales
    if not weights.any():
        weights = scales  # no member knows anything
    weights = np.where(weights < LEAST_SHARE * weights.sum(), 0, weights)
    normalised: Floats = weights / weights.sum()
    return normalised


def combined(logits: Floats, weights: Floats) -> Floats:
    """The logits (N, C) of the ensemble as it is served."""
    mixed: Floats = np.tensordot(weights, logits, axes=1)
    return mixed


def rank_scores(logits: Floats, reference: Floats) -> Floats:
    """Scores (N, C) of the members' mean rank among a reference population's (M, R, C).

    Each member's probability of each class becomes the share of the reference images that had a
    smaller one (ties count half), as the winners of SIIM-ISIC 2020 averaged their networks (Ha,
    Liu and Liu, arXiv:2010.05351). Ranks forget how sure a member was; they are no probabilities.
    """
    members, images, classes = logits.shape
    scores = np.zeros((images, classes))
    for member, known in zip(softmax(logits), softmax(reference), strict=True):
        ordered = np.sort(known, axis=0)
        for column in range(classes):
            values = ordered[:, column]
            below = np.searchsorted(values, member[:, column], side="left")
            not_above = np.searchsorted(values, member[:, column], side="right")
            scores[:, column] += (below + not_above) / 2 / len(values)
    mean: Floats = scores / members
    return mean
