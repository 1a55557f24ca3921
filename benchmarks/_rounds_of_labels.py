"""One simulated clinic: it starts with random labels and asks for more by one strategy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks._starting_features import Lesions
from inference.learning.candidates import Candidates, Labelled
from inference.learning.picks import AUDIT_SHARE, Reason, Strategy, pick_cases

HELD_OUT = 0.3  # of the lesions
MALIGNANT = ("akiec", "bcc", "mel")
# Chosen with random labels on seed 0, which the comparison leaves out.
PENALTY = 0.01


@dataclass(frozen=True)
class Rounds:
    """How many lesions are labelled at the start, by how many they grow, and up to how many."""

    start: int = 500
    step: int = 250
    end: int = 3000

    @property
    def sizes(self) -> list[int]:
        """Every number of labels that is measured."""
        return list(range(self.start, self.end + 1, self.step))


class Head:
    """A linear layer on frozen features; every class weighs alike, and every lesion within it.

    ``probabilities`` are those of the natural mix of classes, as in service; ``called`` weighs
    every class alike.
    """

    def __init__(self, lesions: Lesions, known: np.ndarray, mix: np.ndarray) -> None:
        images = np.flatnonzero(np.isin(lesions.lesion_of, known))
        of = lesions.lesion_of[images]
        labels = lesions.labels[of]
        counts = np.bincount(lesions.labels[known], minlength=len(lesions.classes))
        weights = 1 / np.bincount(of)[of] / counts[labels]
        model = LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3)
        model.fit(lesions.features[images], labels, sample_weight=weights * len(of) / weights.sum())
        self.balanced = np.zeros((len(lesions.keys), len(lesions.classes)))
        said = np.zeros((len(lesions.lesion_of), len(lesions.classes)))
        said[:, model.classes_] = model.predict_proba(lesions.features)
        # What is said of a lesion is the mean of its images, as in service.
        np.add.at(self.balanced, lesions.lesion_of, said)
        self.balanced /= self.balanced.sum(axis=1, keepdims=True)
        natural = self.balanced * mix
        self.probabilities = natural / natural.sum(axis=1, keepdims=True)
        self.called = self.balanced.argmax(axis=1)


def simulate(
    lesions: Lesions, strategy: Strategy, *, seed: int, rounds: Rounds, audit_share: float
) -> list[dict[str, Any]]:
    """A row for each number of labels; the split and the first labels depend on the seed alone."""
    pool, test = split(lesions, seed)
    known = pool[: rounds.start]
    mix = np.bincount(lesions.labels[known], minlength=len(lesions.classes)) + 1.0
    mix /= mix.sum()
    vectors = unit_vectors(lesions)
    differs = np.zeros(len(lesions.keys), dtype=np.bool_)
    rows: list[dict[str, Any]] = []
    seen: dict[str, Any] = {}
    for size in rounds.sizes:
        head = Head(lesions, known, mix)
        rows.append({"labels": size, **measured(lesions, head, test), **seen})
        if size == rounds.end:
            break
        waiting = np.setdiff1d(pool, known)
        picks = pick_cases(
            Candidates(
                keys=[lesions.keys[index] for index in waiting],
                probabilities=head.probabilities[waiting],
                features=vectors[waiting],
                subgroups=[lesions.subgroups[index] for index in waiting],
            ),
            Labelled(
                labels=lesions.labels[known],
                features=vectors[known],
                subgroups=[lesions.subgroups[index] for index in known],
                differs=differs[known],
            ),
            strategy=strategy,
            count=rounds.step,
            seed=str(seed),
            audit_share=audit_share,
        )
        place = {lesions.keys[index]: index for index in waiting}
        chosen = np.array([place[pick.key] for pick in picks])
        differs[chosen] = head.called[chosen] != lesions.labels[chosen]
        right = ~differs[chosen]
        audit = np.array([pick.reason == Reason.AUDIT for pick in picks])
        seen = {
            "accuracy_before": rows[-1]["accuracy"],
            "accuracy_on_picks": float(right.mean()),
            "accuracy_on_audit": float(right[audit].mean()) if audit.any() else None,
        }
        known = np.concatenate([known, chosen])
    return rows


def split(lesions: Lesions, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lesions to ask about, in random order, and lesions to measure on; pictures are not shared."""
    random = np.random.default_rng(seed)
    groups = random.permutation(np.unique(lesions.groups))
    held_out = np.isin(lesions.groups, groups[: round(len(groups) * HELD_OUT)])
    return random.permutation(np.flatnonzero(~held_out)), np.flatnonzero(held_out)


def unit_vectors(lesions: Lesions) -> np.ndarray:
    """The mean of each lesion's images, of length 1, float32."""
    sums = np.zeros((len(lesions.keys), lesions.features.shape[1]))
    np.add.at(sums, lesions.lesion_of, lesions.features)
    return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)


def measured(lesions: Lesions, head: Head, test: np.ndarray) -> dict[str, Any]:
    """On the lesions held out: accuracies, each class's share found, AUC of malignancy."""
    truth = lesions.labels[test]
    found = {
        code: float((head.called[test][truth == index] == index).mean())
        for index, code in enumerate(lesions.classes)
    }
    columns = [lesions.classes.index(code) for code in MALIGNANT]
    return {
        "accuracy": float((head.called[test] == truth).mean()),
        "balanced_accuracy": float(np.mean(list(found.values()))),
        "malignancy_auc": float(
            roc_auc_score(np.isin(truth, columns), head.probabilities[test][:, columns].sum(axis=1))
        ),
        "found": found,
    }


VARIANTS: dict[str, tuple[Strategy, float]] = {
    "random": (Strategy.RANDOM, 1.0),
    "entropy": (Strategy.ENTROPY, 0.0),
    "entropy weighted by class": (Strategy.WEIGHTED_ENTROPY, 0.0),
    "weighted entropy, a tenth at random": (Strategy.WEIGHTED_ENTROPY, AUDIT_SHARE),
    "k-center": (Strategy.K_CENTER, 0.0),
    "near disagreements": (Strategy.DISAGREEMENT, 0.0),
    "scarce subgroups": (Strategy.SCARCE, 0.0),
    "mixed, a tenth at random": (Strategy.MIXED, AUDIT_SHARE),
}
