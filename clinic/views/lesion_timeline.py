"""One lesion over time: all its visits on a line, two of them beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.models import LesionImage
from clinic.selectors import visible_lesions
from clinic.selectors.lesion_sizes import compare_sizes, outlined_sizes
from clinic.selectors.lesion_visits import KINDS, Pair, Visit, lesion_visits, pair_of
from clinic.views.gate import MemberRequest, for_members

SWIPE = "swipe"


@dataclass(frozen=True)
class Point:
    """A visit on the line, with the addresses that put it to the left or to the right."""

    visit: Visit
    is_left: bool = False
    is_right: bool = False
    as_left: str = ""
    as_right: str = ""


@dataclass(frozen=True)
class Choice:
    """Another image of a visit that is compared."""

    image: LesionImage
    address: str
    is_shown: bool


@never_cache
@for_members
@require_safe
def lesion_timeline(request: MemberRequest, key: UUID) -> HttpResponse:
    """`?left=<image>&right=<image>&view=swipe`; what makes no sense is ignored."""
    lesion = get_object_or_404(visible_lesions(request.user).select_related("patient"), pk=key)
    visits = lesion_visits(request.user, [lesion])[lesion.pk]
    pair = pair_of(visits, left=request.GET.get("left", ""), right=request.GET.get("right", ""))
    view = SWIPE if request.GET.get("view") == SWIPE else ""
    context = {
        "lesion": lesion,
        "patient": lesion.patient,
        "visits": visits,
        "pair": pair,
        "view": view,
    }
    if pair is not None:
        left, right = pair.left.image, pair.right.image
        sizes = outlined_sizes(request.user, [left, right])
        context |= {
            "points": _points(visits, pair, view),
            "sides": [
                ("left", pair.left, _choices(pair, view, is_left=True)),
                ("right", pair.right, _choices(pair, view, is_left=False)),
            ],
            "sizes": compare_sizes(sizes, left=left, right=right),
        }
    return render(request, "clinic/timeline/timeline.html", context)


def _points(visits: Sequence[Visit], pair: Pair, view: str) -> list[Point]:
    """A visit can be put to the left while it is older than the right one, and the other way."""
    left, right = visits.index(pair.left.visit), visits.index(pair.right.visit)
    points = []
    for place, visit in enumerate(visits):
        beside_right = visit.of_kind((pair.right.image.kind, *KINDS))
        beside_left = visit.of_kind((pair.left.image.kind, *KINDS))
        points.append(
            Point(
                visit,
                is_left=place == left,
                is_right=place == right,
                as_left=_address(beside_right, pair.right.image, view) if place < right else "",
                as_right=_address(pair.left.image, beside_left, view) if place > left else "",
            )
        )
    return points


def _choices(pair: Pair, view: str, *, is_left: bool) -> list[Choice]:
    """The images of one side's visit. The other side goes along where it has the same kind."""
    here, there = (pair.left, pair.right) if is_left else (pair.right, pair.left)
    choices = []
    for image in here.visit.images:
        other = there.image
        if other.kind != image.kind:
            matching = there.visit.of_kind((image.kind,))
            other = matching if matching.kind == image.kind else other
        address = _address(image, other, view) if is_left else _address(other, image, view)
        choices.append(Choice(image, address, image.pk == here.image.pk))
    return choices


def _address(left: LesionImage, right: LesionImage, view: str) -> str:
    query = {"left": left.pk, "right": right.pk} | ({"view": view} if view else {})
    return f"?{urlencode(query)}"
