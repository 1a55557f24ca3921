"""The images on which the two models differ, what matters most for a patient first."""

from typing import Any

from inference.comparison.contest import UNKNOWN_CLASS, Contest, Side

MOST_LISTED = 60
# In the order of the list: what a patient loses or gains by the change.
CONSEQUENCES = (
    "missed", "found", "false_alarm", "spared", "class_lost", "class_won", "both_wrong",
)  # fmt: skip


def differing(contest: Contest) -> dict[str, Any]:
    """How many of each consequence, and the first `MOST_LISTED` with both answers."""
    found = [
        (CONSEQUENCES.index(consequence), -_apart(contest, index), index)
        for index in range(len(contest.images))
        if (consequence := _consequence(contest, index))
    ]
    places = [place for place, _, _ in found]
    return {
        "total": len(found),
        "counts": {name: places.count(place) for place, name in enumerate(CONSEQUENCES)},
        "rows": [
            {
                "row": contest.images[index].row,
                "consequence": CONSEQUENCES[place],
                **{name: _answer(side, contest, index) for name, side in contest.sides.items()},
            }
            for place, _, index in sorted(found)[:MOST_LISTED]
        ],
    }


def _consequence(contest: Contest, index: int) -> str:
    """Empty where the models agree."""
    new, old = contest.candidate, contest.champion
    if contest.malignant[index] and new.marked[index] != old.marked[index]:
        return "found" if new.marked[index] else "missed"
    if contest.benign[index] and new.marked[index] != old.marked[index]:
        return "false_alarm" if new.marked[index] else "spared"
    called = _called(new, contest, index), _called(old, contest, index)
    if called[0] == called[1]:
        return ""
    truth = contest.images[index].label
    if truth in called:
        return "class_won" if called[0] == truth else "class_lost"
    return "both_wrong"


def _apart(contest: Contest, index: int) -> float:
    return abs(float(contest.candidate.malignancy[index] - contest.champion.malignancy[index]))


def _called(side: Side, contest: Contest, index: int) -> str:
    if side.called[index] != UNKNOWN_CLASS:
        return contest.classes[int(side.called[index])]
    answer = side.contender.answers.get(contest.images[index].row)
    return answer.called if answer else ""


def _answer(side: Side, contest: Contest, index: int) -> dict[str, Any] | None:
    """None where the model has no answer."""
    answer = side.contender.answers.get(contest.images[index].row)
    if answer is None:
        return None
    return {
        "called": answer.called,
        "probability": round(answer.probabilities.get(answer.called, 0.0), 4),
        "malignancy": round(answer.malignancy, 4),
        "marked": bool(side.marked[index]),
    }
