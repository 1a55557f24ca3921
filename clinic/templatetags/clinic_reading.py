"""How the reading room writes lesions and what a draft still lacks."""

from collections.abc import Iterable, Sequence

from django import template

from clinic.models import LesionImage, Patient

register = template.Library()


@register.filter
def sites(images: Iterable[LesionImage]) -> str:
    """Every site once, in the order of the images: "Left forearm; Chest"."""
    return "; ".join(dict.fromkeys(image.lesion.site_label for image in images))


@register.filter
def findings(images: Sequence[LesionImage]) -> list[str]:
    """What the quality check says, each sentence once: "Images 1 and 3: The picture is dark."."""
    found: dict[str, list[int]] = {}
    for number, image in enumerate(images, start=1):
        for finding in image.quality:
            found.setdefault(finding["sentence"], []).append(number)
    if len(images) == 1:
        return list(found)
    return [f"{_numbered(numbers)}: {sentence}" for sentence, numbers in found.items()]


def _numbered(numbers: list[int]) -> str:
    *first, last = [str(number) for number in numbers]
    return f"Images {', '.join(first)} and {last}" if first else f"Image {last}"


@register.filter
def lookup(table: dict[object, object], key: object) -> object:
    """`{{ table|lookup:key }}`, or None."""
    return table.get(key)


@register.filter
def image_alt(image: LesionImage) -> str:
    """What a picture shows, in words: "Dermoscopic image of lesion 2, left forearm"."""
    site = image.lesion.site_label
    return (
        f"{image.get_kind_display()} image of lesion {image.lesion.number}, "
        f"{site[:1].lower()}{site[1:]}"
    )


@register.filter
def skin_type(patient: Patient) -> str:
    """The Fitzpatrick type as a numeral, without its description: "II"."""
    return patient.get_fitzpatrick_type_display().partition(":")[0]
