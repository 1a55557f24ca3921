"""A whole comparison as one JSON document."""

from collections import Counter
from typing import Any

from inference.comparison.contest import Contest, Rules, Side
from inference.comparison.differing import differing
from inference.comparison.figures import measures, recalls
from inference.comparison.subgroups import subgroups
from inference.comparison.verdict import judge
from inference.training.curves import roc
from inference.training.measures import Flags
from inference.training.resampling import Resamples

FEW_OF_A_CLASS = 10


def compare(contest: Contest, rules: Rules) -> dict[str, Any]:
    """Figures, curves, subgroups, the images that differ, and the verdict with its reasons.

    Resampled are patients: images of one patient are not independent.
    """
    sampled = Resamples.of_lesions(
        [image.patient for image in contest.images], seed=rules.seed, count=rules.resamples
    )
    figures, groups = measures(contest, sampled), subgroups(contest, sampled, rules)
    for figure in figures:
        figure["margin"] = rules.margins.get(figure["key"])
    verdict = judge(contest, rules, figures, groups)
    counts = Counter(image.label for image in contest.images)
    return {
        "images": len(contest.images),
        "patients": len(set(sampled.lesions.tolist())),
        "malignant": int(contest.malignant.sum()),
        "benign": int(contest.benign.sum()),
        "classes": dict(sorted(counts.items())),
        "few": sorted(code for code, count in counts.items() if count < FEW_OF_A_CLASS),
        "unanswered": {name: int((~side.answered).sum()) for name, side in contest.sides.items()},
        "thresholds": {name: side.contender.threshold for name, side in contest.sides.items()},
        "measures": figures,
        "recalls": recalls(contest, sampled),
        "roc": {name: _curve(contest, side) for name, side in contest.sides.items()},
        "subgroups": groups,
        "tests": sum(group[key]["tested"] for group in groups for key in rules.margins),
        "differing": differing(contest),
        "missing": verdict.missing,
        "worse": verdict.worse,
        "is_not_worse": verdict.is_not_worse,
    }


def _curve(contest: Contest, side: Side) -> dict[str, Any] | None:
    """The ROC curve of malignancy, and where the operating point lies on it."""
    judged: Flags = (contest.malignant | contest.benign) & contest.both_answered
    positive = contest.malignant[judged]
    if positive.all() or not positive.any():
        return None
    marked = side.marked[judged]
    point = None
    if side.contender.threshold is not None:
        point = [
            round(float(marked[~positive].mean()), 4),
            round(float(marked[positive].mean()), 4),
        ]
    return {**roc(side.malignancy[judged], positive), "operating_point": point}
