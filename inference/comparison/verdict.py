"""Whether the candidate is not worse, and why, in sentences for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.comparison.contest import Contest, Rules

WORDS = {"balanced_accuracy": "balanced accuracy", "sensitivity": "sensitivity for malignancy"}


@dataclass(frozen=True)
class Verdict:
    """`missing`: what keeps the comparison from deciding; `worse`: what speaks against."""

    missing: list[str]
    worse: list[str]

    @property
    def is_not_worse(self) -> bool:
        """Only where everything was decided and nothing speaks against."""
        return not self.missing and not self.worse


def judge(
    contest: Contest,
    rules: Rules,
    measures: Sequence[Mapping[str, Any]],
    groups: Sequence[Mapping[str, Any]],
) -> Verdict:
    """By the margins of both measures and by the tested subgroups."""
    missing, worse = _too_little(contest, rules), []
    by_key = {measure["key"]: measure for measure in measures}
    for key, margin in rules.margins.items():
        lower, words = by_key[key]["difference_lower"], WORDS[key]
        if lower is None:
            missing.append(f"The difference in {words} is not defined on these images.")
        elif lower <= -margin:
            worse.append(
                f"{_capital(words)} may be {points(-lower)} lower; less than {points(margin)} is "
                "allowed."
            )
    for group in groups:
        for key, words in WORDS.items():
            if group[key]["worse"]:
                worse.append(
                    f"{_capital(words)} is {points(-group[key]['difference'])} lower in the group "
                    f"“{group['by'].replace('_', ' ')}: {group['value'].replace('_', ' ')}”."
                )
    return Verdict(missing, worse)


def _too_little(contest: Contest, rules: Rules) -> list[str]:
    found = []
    images, malignant = len(contest.images), int(contest.malignant.sum())
    if images < rules.fewest_images:
        found.append(f"{images} sealed images are too few; {rules.fewest_images} are needed.")
    if malignant < rules.fewest_malignant:
        found.append(
            f"{malignant} malignant images are too few; {rules.fewest_malignant} are needed."
        )
    absent = [code for code in contest.champion.contender.codes if code not in contest.classes]
    if absent:
        found.append(f"No sealed image is labelled {', '.join(absent)}.")
    contenders = [side.contender for side in contest.sides.values()]
    return found + [
        f"{contender.name} names no operating point."
        for contender in contenders
        if contender.threshold is None
    ]


def points(share: float) -> str:
    """A difference of two shares: "2.5 points" of a hundred."""
    return f"{100 * share:.1f} points".replace("-", "\u2212")


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
