"""The body map and small words of the clinic's screens."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.forms import BoundField
from django.template.context import RequestContext

from accounts.models import User
from accounts.selectors import has_role
from clinic.bodymap import DRAWINGS, outline
from clinic.bodymap.drawing import EAR, HEIGHT, WIDTH, mirrored
from clinic.bodymap.places import ON_DRAWING
from clinic.models import BodyView, Case, Lesion, Priority
from clinic.roles import READERS
from clinic.selectors.notifications import unread, visible_notifications
from clinic.standing import Standing, standing_of

register = template.Library()


@register.inclusion_tag("clinic/bodymap.html")
def body_map(
    lesions: Iterable[Lesion], choose: BoundField | None = None, link: str = "#lesion-"
) -> dict[str, Any]:
    """Draw front and back with numbered lesions: `{% body_map lesions choose=form.place %}`.

    With `choose`, the field of places, every region can be chosen with pointer and keyboard, in
    step with that field. `link` and the lesion's key are where a number leads.
    """
    marks: dict[str, list[dict[str, Any]]] = {view: [] for view in BodyView.values}
    unmarked = []
    for lesion in lesions:
        if lesion.view and lesion.map_x is not None and lesion.map_y is not None:
            x, y = lesion.map_x * WIDTH, lesion.map_y * HEIGHT
            marks[lesion.view].append({"lesion": lesion, "x": f"{x:.1f}", "y": f"{y:.1f}"})
        else:
            unmarked.append(lesion)
    return {
        "drawings": [
            {
                "view": drawing.view,
                "label": drawing.label,
                "lines": drawing.lines,
                "places": ON_DRAWING[BodyView(drawing.view)],
                "marks": marks[drawing.view],
            }
            for drawing in DRAWINGS
        ],
        "frame": f"0 0 {WIDTH} {HEIGHT}",
        "outline": outline(),
        "ears": (EAR, mirrored(EAR)),
        "choose": choose,
        "link": link,
        "unmarked": unmarked,
    }


@register.inclusion_tag("clinic/cases/state.html", takes_context=True)
def case_state(context: RequestContext, case: Case) -> dict[str, Standing]:
    """A case's state as icon and word, as far as this person may know it."""
    user = context.request.user
    reads_here = isinstance(user, User) and has_role(user, case.organisation_id, *READERS)
    return {"standing": standing_of(case.state, sealed=reads_here)}


@register.simple_tag(takes_context=True)
def unread_news(context: RequestContext) -> int:
    """How many pieces of news the person has not opened; one query."""
    return unread(visible_notifications(context.request.user)).order_by().count()


@register.filter
def of_lesion(rows: Mapping[UUID, Any], lesion: Lesion) -> Any:
    """What a table by lesion key has for this one, or None."""
    return rows.get(lesion.pk)


@register.filter
def is_pressing(case: Case) -> bool:
    """Whether the priority needs saying: routine goes without."""
    return case.priority != Priority.ROUTINE


@register.filter
def skin_type(value: int | None) -> str:
    """A Fitzpatrick type as people write it: III."""
    return ["", "I", "II", "III", "IV", "V", "VI"][value or 0]


@register.simple_tag
def fresh_key() -> UUID:
    """A key for the row that a form makes, so that posting the form twice makes one row."""
    return uuid4()
