"""What a data set is to hold, as people ask for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self

SPLITS = ("train", "validation", "test")
LARGEST_SEED = 2**31 - 1


class LabelSource(StrEnum):
    """Where a label comes from, the strongest first."""

    PATHOLOGY = "pathology"
    ADJUDICATION = "adjudication"
    CONCORDANT = "concordant"
    SINGLE = "single"


class ConsentScope(StrEnum):
    """What consent a data set needs: to train this clinic's models, or to be passed on as well."""

    TRAINING = "training"
    SHARING = "sharing"


class DescriptionError(ValueError):
    """A description that cannot be meant; the text says why. `field` is what it is about."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class Description:
    """Which rows of the record belong in a data set, and how they are divided.

    Empty `classes` and `image_kinds` mean all. The dates are those of the last signature of a case,
    both included. `minimum_agreement` is a share of readers, 0 to 1; pathology needs none. The
    shares are of patients; what is neither train nor validation is test.
    """

    signed_from: date | None = None
    signed_to: date | None = None
    classes: tuple[str, ...] = ()
    image_kinds: tuple[str, ...] = ("dermoscopic",)
    label_sources: tuple[str, ...] = field(default=tuple(LabelSource))
    minimum_agreement: float = 0.0
    consent: str = ConsentScope.TRAINING
    train_share: float = 0.7
    validation_share: float = 0.15
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, with a sentence."""
        if self.signed_from and self.signed_to and self.signed_from > self.signed_to:
            raise DescriptionError("signed_to", "The last day is before the first day.")
        if unknown := set(self.label_sources) - set(LabelSource):
            raise DescriptionError("label_sources", f"Unknown label source: {min(unknown)}.")
        if not self.label_sources:
            raise DescriptionError("label_sources", "Choose at least one source of labels.")
        if not 0 <= self.minimum_agreement <= 1:
            raise DescriptionError("minimum_agreement", "The agreement is a share from 0 to 1.")
        if self.consent not in set(ConsentScope):
            raise DescriptionError("consent", f"Unknown consent: {self.consent}.")
        if not 0 < self.train_share <= 1:
            raise DescriptionError("train_share", "The share for training is above 0, at most 1.")
        if not 0 <= self.validation_share <= 1 - self.train_share + 1e-9:
            reason = "Training and validation together are more than all patients."
            raise DescriptionError("validation_share", reason)
        if not 0 <= self.seed <= LARGEST_SEED:
            raise DescriptionError("seed", f"The seed is a whole number from 0 to {LARGEST_SEED}.")

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """The parts and their shares of the patients; what is left is test."""
        test = max(0.0, 1 - self.train_share - self.validation_share)
        return tuple(zip(SPLITS, (self.train_share, self.validation_share, test), strict=True))

    def as_json(self) -> dict[str, Any]:
        """Plain values, in one order whatever order they were chosen in."""
        values = asdict(self)
        for name in ("classes", "image_kinds", "label_sources"):
            values[name] = sorted(str(value) for value in values[name])
        for name in ("signed_from", "signed_to"):
            values[name] = values[name].isoformat() if values[name] else None
        return values | {"consent": str(self.consent)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What `as_json` wrote; names that are left out have their defaults.

        Raises DescriptionError for what cannot be meant.
        """
        known = {each.name for each in fields(cls)}
        if unknown := set(values) - known:
            raise DescriptionError(min(unknown), f"A description has no “{min(unknown)}”.")
        given = dict(values)
        for name in ("classes", "image_kinds", "label_sources"):
            if name in given:
                given[name] = tuple(given[name])
        for name in ("signed_from", "signed_to"):
            if isinstance(given.get(name), str):
                given[name] = _day(name, given[name])
        return cls(**given)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DescriptionError(name, f"“{text}” is no day; write it like 2026-01-31.") from None
