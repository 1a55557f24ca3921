"""What the frame around every page shows: organisation, sections of the role, counts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import Role
from clinic.selectors import worklist
from inference.services.operators import is_operator


@dataclass(frozen=True)
class Section:
    """An entry of the rail."""

    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None


def shell(request: HttpRequest) -> dict[str, Any]:
    """The `shell` variable of the templates; empty for somebody who is not signed in."""
    membership = getattr(request, "membership", None)
    frame: dict[str, Any] = {"environment": settings.ENVIRONMENT, "sections": []}
    if membership is not None:
        role = Role(membership.role)
        frame |= {
            "organisation": membership.organisation,
            "organisations": [m.organisation for m in request.user.current_memberships],  # type: ignore[union-attr]
            "role": role.value,
            "role_label": role.label,
            # A part of a page has no rail, and need not ask who may see what.
            "sections": SimpleLazyObject(
                lambda: _of_role(request, role) + _of_models(request, role)
            ),
        }
    elif getattr(request, "user", None) is not None and request.user.is_authenticated:
        frame["sections"] = SimpleLazyObject(lambda: _of_models(request, None))
    return {"shell": frame}


def _section(
    request: HttpRequest, label: str, name: str, icon: str, count: int | None = None
) -> Section:
    url = reverse(name)
    active = request.path == url or (url != "/" and request.path.startswith(url))
    return Section(label, url, icon, active, count)


def _of_role(request: HttpRequest, role: Role) -> list[Section]:
    sections = [_section(request, "Home", "home", "house")]
    if role == Role.DERMATOLOGIST:
        waiting = worklist(request.user, request.organisation).order_by().count()  # type: ignore[arg-type,attr-defined]
        sections.append(_section(request, "Worklist", "worklist", "list-check", waiting))
    sections += [
        _section(request, "Patients", "patient-list", "people"),
        _section(request, "Cases", "case-list", "folder2-open"),
    ]
    if role == Role.DERMATOLOGIST:
        sections.append(_section(request, "Statistics", "statistics", "graph-up"))
    if role == Role.ADMINISTRATOR:
        sections.append(_section(request, "Statistics", "statistics-organisation", "graph-up"))
        sections.append(_section(request, "Data sets", "dataset-list", "collection"))
    return sections


def _of_models(request: HttpRequest, role: Role | None) -> list[Section]:
    """Of whoever looks after models: administrators, and operators whatever their role is."""
    user = request.user
    sections = []
    if role == Role.ADMINISTRATOR:
        sections.append(_section(request, "Training", "training-list", "cpu"))
    # Operators are staff, because models are installed in the administration: readers and
    # clinicians are spared the two queries of a permission on every page.
    if role == Role.ADMINISTRATOR or (user.is_staff and is_operator(user)):  # type: ignore[union-attr, arg-type]
        sections.append(_section(request, "Monitoring", "monitoring", "activity"))
    if role == Role.ADMINISTRATOR:
        sections.append(_section(request, "Administration", "admin:index", "gear"))
    return sections
