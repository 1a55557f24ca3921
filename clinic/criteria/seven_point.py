"""The 7-point checklist of dermoscopy, as published and as revised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from clinic.criteria.refusals import WrongCriteria

THRESHOLD = 3
REVISED_THRESHOLD = 1
MAJOR = {
    "atypical_network": "Atypical pigment network",
    "blue_whitish_veil": "Blue-whitish veil",
    "atypical_vascular_pattern": "Atypical vascular pattern",
}
MINOR = {
    "irregular_streaks": "Irregular streaks",
    "irregular_pigmentation": "Irregular pigmentation or blotches",
    "irregular_dots_globules": "Irregular dots or globules",
    "regression_structures": "Regression structures",
}
LABELS = MAJOR | MINOR
WEIGHTS = dict.fromkeys(MAJOR, 2) | dict.fromkeys(MINOR, 1)
HIGHEST = sum(WEIGHTS.values())
HIGHEST_REVISED = len(WEIGHTS)
# What `to_json` adds for whoever reads the record; `from_json` never believes it.
COMPUTED = frozenset({"score", "revised_score"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SevenPoint:
    """Which of seven features a reader saw; a checklist without any was looked for and is 0.

    `score` is that of Argenziano et al., Arch Dermatol 1998;134:1563-70: 2 for each of three major
    features, 1 for each of four minor ones, 0 to 10; melanoma is suspected from 3 on.
    `revised_score` is that of Argenziano et al., Br J Dermatol 2011;164:785-90: 1 each, 0 to 7,
    suspected from 1 on.
    """

    atypical_network: bool = False
    blue_whitish_veil: bool = False
    atypical_vascular_pattern: bool = False
    irregular_streaks: bool = False
    irregular_pigmentation: bool = False
    irregular_dots_globules: bool = False
    regression_structures: bool = False

    @classmethod
    def of(cls, present: Collection[str]) -> Self:
        """The checklist with these features ticked. Raises WrongCriteria."""
        if unknown := sorted(set(present) - set(LABELS)):
            raise WrongCriteria(f"The 7-point checklist has no feature “{unknown[0]}”.")
        return cls(**dict.fromkeys(present, True))

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote: every feature true or false. Raises WrongCriteria."""
        if not isinstance(value, Mapping):
            raise WrongCriteria("The 7-point checklist must be an object with seven features.")
        if unknown := sorted(str(name) for name in set(value) - set(LABELS) - COMPUTED):
            raise WrongCriteria(f"The 7-point checklist has no feature “{unknown[0]}”.")
        for name, label in LABELS.items():
            if not isinstance(value.get(name), bool):
                raise WrongCriteria(f"Say true or false for “{label}” ({name}).")
        return cls(**{name: value[name] for name in LABELS})

    @property
    def present(self) -> tuple[str, ...]:
        """The names of the features seen, in the order of the checklist."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name))

    @property
    def score(self) -> int:
        """0 to 10 (1998)."""
        return sum(WEIGHTS[name] for name in self.present)

    @property
    def revised_score(self) -> int:
        """0 to 7 (2011)."""
        return len(self.present)

    @property
    def is_suspicious(self) -> bool:
        """At or above the threshold of 1998."""
        return self.score >= THRESHOLD

    @property
    def is_suspicious_revised(self) -> bool:
        """At or above the threshold of 2011."""
        return self.revised_score >= REVISED_THRESHOLD

    def to_json(self) -> dict[str, Any]:
        """Seven booleans by name, `score` and `revised_score`."""
        features = {name: name in self.present for name in LABELS}
        return features | {"score": self.score, "revised_score": self.revised_score}

    def words(self) -> str:
        """In a line: "7-point checklist 4 of 10, at or above 3; revised 3 of 7, at or above 1"."""
        plain = f"{self.score} of {HIGHEST}, {_beside(self.score, THRESHOLD)}"
        revised = (
            f"{self.revised_score} of {HIGHEST_REVISED}, "
            f"{_beside(self.revised_score, REVISED_THRESHOLD)}"
        )
        return f"7-point checklist {plain}; revised {revised}"


def _beside(score: int, threshold: int) -> str:
    return f"{'at or above' if score >= threshold else 'below'} {threshold}"
