"""One ordered list of picks, each with its reason, out of one strategy or several mixed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor

import numpy as np

from inference.learning.audit import in_audit, random_order, random_share
from inference.learning.candidates import Candidates, Flags, Floats, Labelled, Vectors
from inference.learning.diversity import k_center, nearest_product
from inference.learning.scarcity import scarce_first
from inference.learning.uncertainty import class_weights, weighted_entropy


class Reason(StrEnum):
    """Why a case was picked."""

    UNCERTAIN = "uncertain"
    DIFFERENT = "different"
    DISAGREEMENT = "disagreement"
    SCARCE = "scarce"
    AUDIT = "audit"  # drawn before anything was looked at
    RANDOM = "random"  # drawn from what a strategy had left


class Strategy(StrEnum):
    """What to pick by."""

    RANDOM = "random"
    ENTROPY = "entropy"
    WEIGHTED_ENTROPY = "weighted_entropy"
    K_CENTER = "k_center"
    DISAGREEMENT = "disagreement"
    SCARCE = "scarce"
    MIXED = "mixed"


@dataclass(frozen=True)
class Pick:
    """A candidate's key, its place from 1, and why it is there."""

    key: str
    rank: int
    reason: Reason


AUDIT_SHARE = 0.1
# Of what the audit leaves; they sum to 1.
MIXTURE: Mapping[Reason, float] = {
    Reason.UNCERTAIN: 0.55,
    Reason.DIFFERENT: 0.15,
    Reason.DISAGREEMENT: 0.15,
    Reason.SCARCE: 0.15,
}
ALONE: Mapping[Strategy, Reason] = {
    Strategy.ENTROPY: Reason.UNCERTAIN,
    Strategy.WEIGHTED_ENTROPY: Reason.UNCERTAIN,
    Strategy.K_CENTER: Reason.DIFFERENT,
    Strategy.DISAGREEMENT: Reason.DISAGREEMENT,
    Strategy.SCARCE: Reason.SCARCE,
}


def pick_cases(
    candidates: Candidates,
    labelled: Labelled,
    *,
    strategy: Strategy,
    count: int,
    seed: str,
    audit_share: float = AUDIT_SHARE,
) -> list[Pick]:
    """Up to ``count`` picks, best first; the same for the same arguments.

    ``audit_share`` of all candidates, settled by their keys and ``seed``, are kept for the audit
    and picked at random, about that share of the list; no strategy takes them. The audit and the
    parts of a mixture are spread over the whole list, so that any beginning of it has each in about
    its share, at places that tell nothing. What a strategy cannot fill is filled at random. Give
    the same seed each time: another one draws another audit. The audit is drawn from all; the rest
    only from what teaches. Raises ValueError for a share that is none.
    """
    if not 0 <= audit_share <= 1:
        raise ValueError("The audit share is between 0 and 1.")
    count = min(count, len(candidates))
    order = random_order(candidates.keys, seed=seed)
    kept = np.array(in_audit(candidates.keys, seed=seed, share=audit_share), dtype=np.bool_)
    audit = [index for index in order if kept[index]]
    free = ~kept if candidates.teaches is None else ~kept & candidates.teaches
    parts: dict[Reason, list[int]] = {Reason.AUDIT: audit[: round(count * audit_share)]}
    shares = MIXTURE if strategy == Strategy.MIXED else {ALONE.get(strategy, Reason.RANDOM): 1.0}
    for reason, wanted in _places(shares, count - len(parts[Reason.AUDIT])).items():
        picked = [index for part in parts.values() for index in part]
        scene = _Scene(candidates, labelled, free, picked, weighted=strategy != Strategy.ENTROPY)
        parts[reason] = CHOOSERS[reason](scene, wanted)
        free[parts[reason]] = False
    lacking = count - sum(map(len, parts.values()))
    parts[Reason.RANDOM] = [index for index in order if free[index]][:lacking]
    # Last what is left of the audit, where nothing else waits.
    parts[Reason.AUDIT] = audit[: count - sum(map(len, parts.values())) + len(parts[Reason.AUDIT])]
    return _numbered(candidates, _spread(parts, candidates.keys, seed))


@dataclass(frozen=True)
class _Scene:
    """What a part of the list is chosen from: ``free`` (N,), beside what is ``picked`` already."""

    candidates: Candidates
    labelled: Labelled
    free: Flags
    picked: list[int]
    weighted: bool


def _uncertain(scene: _Scene, wanted: int) -> list[int]:
    probabilities, labels = scene.candidates.probabilities, scene.labelled.labels
    weights = class_weights(labels, probabilities.shape[1]) if scene.weighted else None
    return _highest(weighted_entropy(probabilities, weights), scene.free, wanted)


def _different(scene: _Scene, wanted: int) -> list[int]:
    features = scene.candidates.features
    rows = np.flatnonzero(scene.free)
    centers = np.concatenate([scene.labelled.features, features[scene.picked]])
    return [int(rows[place]) for place in k_center(features[rows], wanted, centers=centers)]


def _disagreement(scene: _Scene, wanted: int) -> list[int]:
    disputed = scene.labelled.features[scene.labelled.differs]
    if not len(disputed):
        return []
    likeness = nearest_product(scene.candidates.features, disputed)
    return _highest(likeness, scene.free, wanted)


def _scarce(scene: _Scene, wanted: int) -> list[int]:
    return scarce_first(scene.candidates, scene.labelled, wanted, allowed=scene.free)


def _none(scene: _Scene, wanted: int) -> list[int]:
    return []


CHOOSERS: Mapping[Reason, Callable[[_Scene, int], list[int]]] = {
    Reason.UNCERTAIN: _uncertain,
    Reason.DIFFERENT: _different,
    Reason.DISAGREEMENT: _disagreement,
    Reason.SCARCE: _scarce,
    Reason.RANDOM: _none,
}


def _highest(scores: Floats | Vectors, free: Flags, wanted: int) -> list[int]:
    """Free indices, highest score first; of equals the first."""
    order = np.argsort(-scores, kind="stable")
    return [int(index) for index in order[free[order]][:wanted]]


def _places(shares: Mapping[Reason, float], count: int) -> dict[Reason, int]:
    """How many of ``count`` places each part gets; they sum to ``count`` (largest remainders)."""
    exact = {reason: share * count for reason, share in shares.items()}
    places = {reason: floor(share) for reason, share in exact.items()}
    by_remainder = sorted(exact, key=lambda reason: places[reason] - exact[reason])
    for reason in by_remainder[: count - sum(places.values())]:
        places[reason] += 1
    return places


def _spread(
    parts: Mapping[Reason, list[int]], keys: Sequence[str], seed: str
) -> list[tuple[int, Reason]]:
    """All parts in one list: each part's members in their own order, one in each equal stretch.

    Where in its stretch is random: from a place in the list nobody can tell the reason.
    """
    placed = [
        ((place + random_share(keys[index], seed=f"{seed}:place")) / len(part), index, reason)
        for reason, part in parts.items()
        for place, index in enumerate(part)
    ]
    placed.sort(key=lambda entry: entry[:2])
    return [(index, reason) for _, index, reason in placed]


def _numbered(candidates: Candidates, chosen: list[tuple[int, Reason]]) -> list[Pick]:
    return [
        Pick(candidates.keys[index], rank, reason)
        for rank, (index, reason) in enumerate(chosen, start=1)
    ]
