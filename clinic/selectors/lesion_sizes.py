"""How large a lesion was on an image, from the outline that a reader drew round it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from clinic.annotation.measure import Size, measure
from clinic.annotation.vocabulary import LESION_BORDER
from clinic.models import Annotation, LesionImage
from clinic.selectors.annotations import visible_annotations


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One measure at two visits, in one unit; None where the lesion is not outlined.

    `of` says what per cent are of; empty where the unit is a length or an area.
    """

    name: str
    unit: str
    of: str
    left: float | None
    right: float | None

    @property
    def change(self) -> float | None:
        """Later minus earlier, in the unit."""
        return None if self.left is None or self.right is None else self.right - self.left

    @property
    def change_percent(self) -> float | None:
        """The change in per cent of the earlier measure."""
        return None if self.change is None or not self.left else 100 * self.change / self.left


@dataclass(frozen=True, slots=True)
class SizeComparison:
    """Area and longest diameter at two visits.

    `is_calibrated` says that the unit is mm2 and mm. Without the pixel spacing of both images it is
    per cent of the picture: of its area, and of its longer side. Such numbers change with distance
    and zoom as much as with the lesion.
    """

    rows: tuple[SizeRow, ...]
    is_calibrated: bool

    @property
    def is_outlined(self) -> bool:
        """Whether there is anything to show."""
        return any(row.left is not None or row.right is not None for row in self.rows)


def compare_sizes(
    sizes: Mapping[UUID, Size], *, left: LesionImage, right: LesionImage
) -> SizeComparison:
    """The lesion on two images side by side, in units that both of them can be given in."""
    is_calibrated = all(image.pixel_spacing_um is not None for image in (left, right))
    areas: list[float | None] = []
    diameters: list[float | None] = []
    for image in (left, right):
        size = sizes.get(image.pk)
        if size is None:
            areas.append(None)
            diameters.append(None)
        elif is_calibrated:
            areas.append(size.area_mm2)
            diameters.append(size.diameter_mm)
        else:
            areas.append(100 * size.area_px / (image.width * image.height))
            diameters.append(100 * size.diameter_px / max(image.width, image.height))
    units = ("mm²", "mm") if is_calibrated else ("%", "%")
    of = ("", "") if is_calibrated else ("of the picture", "of its longer side")
    return SizeComparison(
        rows=(
            SizeRow("Area", units[0], of[0], *areas),
            SizeRow("Longest diameter", units[1], of[1], *diameters),
        ),
        is_calibrated=is_calibrated,
    )


def outlined_sizes(user: User, images: Iterable[LesionImage]) -> dict[UUID, Size]:
    """The size of the lesion on each image that is outlined for this person, in one query.

    Several readers may have outlined it: those of the answer of the case count, or else those of
    whoever drew last. All outlines of that reading are taken together.
    """
    spacings = {image.pk: image.pixel_spacing_um for image in images}
    outlines = (
        visible_annotations(user)
        .filter(image__in=list(spacings), label=LESION_BORDER)
        .select_related("image__case")
        .order_by("created_at")
    )
    by_image: dict[UUID, list[Annotation]] = {}
    for outline in outlines:
        by_image.setdefault(outline.image_id, []).append(outline)
    sizes = {}
    for image, drawn in by_image.items():
        reading = _counting_reading(drawn)
        polygons = [
            [(float(x), float(y)) for x, y in one.points]
            for one in drawn
            if one.reading_id == reading
        ]
        if (size := measure(polygons, spacing_um=spacings[image])) is not None:
            sizes[image] = size
    return sizes


def _counting_reading(drawn: list[Annotation]) -> UUID:
    """`drawn` is of one image, the oldest first."""
    answer = drawn[0].image.case.answer_id
    if answer is not None and any(one.reading_id == answer for one in drawn):
        return answer
    return drawn[-1].reading_id
