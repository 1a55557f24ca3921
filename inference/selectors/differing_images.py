"""The images on which two models differ, as far as a person may look at them."""

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from clinic.models import Case, DatasetRow, LesionImage
from clinic.selectors import visible_cases, visible_images
from clinic.selectors.blindness import unblinded_cases
from inference.models import Comparison
from inference.selectors.comparisons import compared_rows


@dataclass(frozen=True)
class DifferingImage:
    """A sealed row, what both models said of it, and its picture where the person may see it."""

    row: DatasetRow
    consequence: str
    candidate: dict[str, Any] | None
    champion: dict[str, Any] | None
    image: LesionImage | None
    case: Case | None


def differing_images(user: User, comparison: Comparison) -> list[DifferingImage]:
    """In the order of the report, in four queries.

    A row whose patient has withdrawn since is left out, and so is one of a case that this person
    still reads blind. Of another organisation's images there is the pseudonym and no picture.
    """
    listed = comparison.report.get("differing", {}).get("rows", [])
    rows = compared_rows(comparison).in_bulk([entry["row"] for entry in listed])
    sources = [row.source_id for row in rows.values()]
    images = visible_images(user).select_related("case", "lesion").in_bulk(sources)
    cases = {image.case_id for image in images.values()}
    own = set(visible_cases(user).filter(pk__in=cases).values_list("pk", flat=True))
    open_to = set(unblinded_cases(user).filter(pk__in=cases).values_list("pk", flat=True))
    found = []
    for entry in listed:
        row = rows.get(entry["row"])
        if row is None:
            continue
        image = images.get(row.source_id)
        if image is not None and image.case_id in own - open_to:
            continue
        found.append(
            DifferingImage(
                row=row,
                consequence=entry["consequence"],
                candidate=entry["candidate"],
                champion=entry["champion"],
                image=image,
                case=image.case if image else None,
            )
        )
    return found
