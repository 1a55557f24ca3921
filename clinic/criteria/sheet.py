"""What a reader counted on one lesion, as it stands in a read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from clinic.criteria.abcd import ABCD
from clinic.criteria.refusals import WrongCriteria
from clinic.criteria.seven_point import SevenPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The checklist, the rule, both or neither. None means that it was not used."""

    seven_point: SevenPoint | None = None
    abcd: ABCD | None = None

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote, or what a program sent. Raises WrongCriteria.

        Scores in it are not believed: they are computed again from what was seen.
        """
        if not isinstance(value, Mapping):
            raise WrongCriteria("Criteria must be an object: “seven_point”, “abcd”, or neither.")
        if unknown := sorted(str(name) for name in set(value) - {"seven_point", "abcd"}):
            raise WrongCriteria(
                f"No criteria are named “{unknown[0]}”: send “seven_point” or “abcd”."
            )
        abcd = ABCD.from_json(value["abcd"]) if "abcd" in value else None
        return cls(
            seven_point=(
                SevenPoint.from_json(value["seven_point"]) if "seven_point" in value else None
            ),
            abcd=None if abcd is None or abcd.is_empty else abcd,
        )

    def to_json(self) -> dict[str, Any]:
        """For `Read.criteria`: only what was used, so {} is a read without criteria."""
        sheet: dict[str, Any] = {}
        if self.seven_point is not None:
            sheet["seven_point"] = self.seven_point.to_json()
        if self.abcd is not None and not self.abcd.is_empty:
            sheet["abcd"] = self.abcd.to_json()
        return sheet

    def words(self) -> list[str]:
        """One line for each that was used; none for a read without criteria."""
        return [part.words() for part in (self.seven_point, self.abcd) if part is not None]
