"""The ABCD rule of dermoscopy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from clinic.criteria.refusals import WrongCriteria

HIGHEST_ASYMMETRY = 2
HIGHEST_BORDER = 8
COLOURS = {
    "white": "White",
    "red": "Red",
    "light_brown": "Light brown",
    "dark_brown": "Dark brown",
    "blue_grey": "Blue-grey",
    "black": "Black",
}
STRUCTURES = {
    "network": "Pigment network",
    "structureless": "Structureless areas",
    "branched_streaks": "Branched streaks",
    "dots": "Dots",
    "globules": "Globules",
}
# In tenths, so that a sum is exact: 1.3, 0.1, 0.5 and 0.5.
TENTHS = {"asymmetry": 13, "border": 1, "colours": 5, "structures": 5}
# The score moves in steps of 0.1: below 4.75 is 4.7 or less, above 5.45 is 5.5 or more.
SUSPICIOUS_TENTHS = 48
HIGHLY_SUSPICIOUS_TENTHS = 55
PARTS = ("asymmetry", "border", "colours", "structures")
COMPUTED = frozenset({"tds"})


class Band(StrEnum):
    """What the total dermoscopy score says: below 4.75, 4.75 to 5.45, above 5.45."""

    BENIGN = "benign"
    SUSPICIOUS = "suspicious"
    HIGHLY_SUSPICIOUS = "highly suspicious"


@dataclass(frozen=True, slots=True, kw_only=True)
class ABCD:
    """Asymmetry (axes, 0 to 2), border (abrupt eighths, 0 to 8), colours and structures by name.

    Stolz et al., Eur J Dermatol 1994;4:521-7, and Nachbar et al., J Am Acad Dermatol
    1994;30:551-9: TDS = 1.3 A + 0.1 B + 0.5 C + 0.5 D, from 1.0 to 8.9; C counts one to six of six
    colours, D one to five of five structures. Below 4.75 benign, 4.75 to 5.45 suspicious, above
    5.45 highly suspicious of melanoma. For melanocytic lesions only.

    A part that is not filled in yet is None or empty; there is no score before all four are.
    Raises WrongCriteria for a value out of range.
    """

    asymmetry: int | None = None
    border: int | None = None
    colours: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_number("Asymmetry", self.asymmetry, HIGHEST_ASYMMETRY)
        _require_number("Border", self.border, HIGHEST_BORDER)
        # In the order of the rule, whatever order they were ticked in: one content, one digest.
        object.__setattr__(self, "colours", _known("colour", self.colours, COLOURS))
        object.__setattr__(self, "structures", _known("structure", self.structures, STRUCTURES))

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote. Raises WrongCriteria."""
        if not isinstance(value, Mapping):
            raise WrongCriteria("The ABCD rule must be an object with its four parts.")
        if unknown := sorted(str(name) for name in set(value) - set(PARTS) - COMPUTED):
            raise WrongCriteria(f"The ABCD rule has no part “{unknown[0]}”.")
        return cls(
            asymmetry=value.get("asymmetry"),
            border=value.get("border"),
            colours=value.get("colours", ()),
            structures=value.get("structures", ()),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it has been filled in."""
        return self == type(self)()

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts that have not been filled in."""
        return tuple(part for part in PARTS if getattr(self, part) in {None, ()})

    @property
    def tenths(self) -> int | None:
        """The score in tenths, exact; None before it is complete."""
        if self.asymmetry is None or self.border is None or self.missing:
            return None
        return (
            TENTHS["asymmetry"] * self.asymmetry
            + TENTHS["border"] * self.border
            + TENTHS["colours"] * len(self.colours)
            + TENTHS["structures"] * len(self.structures)
        )

    @property
    def tds(self) -> float | None:
        """Total dermoscopy score, 1.0 to 8.9; None before it is complete."""
        return None if self.tenths is None else self.tenths / 10

    @property
    def band(self) -> Band | None:
        """What the score says; None before it is complete."""
        if self.tenths is None:
            return None
        if self.tenths < SUSPICIOUS_TENTHS:
            return Band.BENIGN
        if self.tenths < HIGHLY_SUSPICIOUS_TENTHS:
            return Band.SUSPICIOUS
        return Band.HIGHLY_SUSPICIOUS

    def to_json(self) -> dict[str, Any]:
        """The four parts and `tds`, which is null before the rule is complete."""
        return {
            "asymmetry": self.asymmetry,
            "border": self.border,
            "colours": list(self.colours),
            "structures": list(self.structures),
            "tds": self.tds,
        }

    def words(self) -> str:
        """In a line: "ABCD 5.1, suspicious", or what is still to be filled in."""
        if self.band is None:
            return f"ABCD not complete: no {' or '.join(self.missing)}"
        return f"ABCD {self.tds:.1f}, {self.band}"


def _require_number(name: str, value: object, highest: int) -> None:
    if value is None:
        return
    # True is an int to Python, and nobody's asymmetry.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise WrongCriteria(f"{name} in the ABCD rule is a whole number from 0 to {highest}.")


def _known(kind: str, chosen: object, known: Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(chosen, str) or not isinstance(chosen, Sequence):
        raise WrongCriteria(f"List every {kind} of the ABCD rule by its name.")
    for one in chosen:
        if not isinstance(one, str) or one not in known:
            raise WrongCriteria(f"The ABCD rule knows no {kind} “{one}”.")
    if len(set(chosen)) != len(chosen):
        raise WrongCriteria(f"Name each {kind} of the ABCD rule once.")
    return tuple(name for name in known if name in chosen)
