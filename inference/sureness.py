"""A plain word for how sure the model is.

- sure: one diagnosis cannot be ruled out, and the uncertainty is at most 0.2
- fairly sure: one or two cannot be ruled out, and the uncertainty is at most 0.5
- unsure: anything else, and every image unlike those that the model learned from

Uncertainty is the normalised entropy, 0 to 1. How often the likeliest class was right:

| word        | validation      | test            |
| ----------- | --------------- | --------------- |
| sure        | 98.0 % (of 251) | 98.7 % (of 226) |
| fairly sure | 75.9 % (of 174) | 78.3 % (of 175) |
| unsure      | 58.7 % (of 75)  | 56.6 % (of 99)  |

The bounds were chosen on 500 validation images of resnet18 2.0.0 and then tried on 500 images of
its test part, which it never learned from and by which nothing was chosen.
"""

from dataclasses import dataclass

SURE_UP_TO = 0.2
FAIRLY_SURE_UP_TO = 0.5


@dataclass(frozen=True)
class Sureness:
    """`key` is sure, fairly_sure or unsure; `why` is a clause that is always said with the word."""

    key: str
    word: str
    why: str


def sureness_of(*, plausible: int, uncertainty: float, is_familiar: bool) -> Sureness:
    """Say it for an answer with `plausible` diagnoses not ruled out; 0: the model promises none.

    A model that promises nothing is never more than fairly sure.
    """
    if not is_familiar:
        return Sureness("unsure", "Unsure", "the image is not of the kind the model learned from")
    why = _left(plausible)
    if plausible == 1 and uncertainty <= SURE_UP_TO:
        return Sureness("sure", "Sure", why)
    if plausible <= 2 and uncertainty <= FAIRLY_SURE_UP_TO:
        if plausible == 1:
            why = f"{why}, but others are not far off"
        return Sureness("fairly_sure", "Fairly sure", why)
    if plausible <= 2:
        why = "the probability is spread over several diagnoses"
    return Sureness("unsure", "Unsure", why)


def _left(plausible: int) -> str:
    if plausible == 0:
        return "the model does not say what it can rule out"
    if plausible == 1:
        return "only one diagnosis cannot be ruled out"
    return f"{plausible} diagnoses cannot be ruled out"
