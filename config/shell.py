"""What the frame around every page shows: organisation, sections of the role, counts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Role
from clinic.selectors import worklist


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
            "sections": list(_sections(request, role)),
        }
    return {"shell": frame}


def _sections(request: HttpRequest, role: Role) -> list[Section]:
    def section(label: str, name: str, icon: str, count: int | None = None) -> Section:
        url = reverse(name)
        active = request.path == url or (url != "/" and request.path.startswith(url))
        return Section(label, url, icon, active, count)

    sections = [section("Home", "home", "house")]
    if role == Role.DERMATOLOGIST:
        waiting = worklist(request.user, request.organisation).order_by().count()  # type: ignore[arg-type,attr-defined]
        sections.append(section("Worklist", "worklist", "list-check", waiting))
    sections += [
        section("Patients", "patient-list", "people"),
        section("Cases", "case-list", "folder2-open"),
    ]
    if role == Role.DERMATOLOGIST:
        sections.append(section("Statistics", "statistics", "graph-up"))
    if role == Role.ADMINISTRATOR:
        sections.append(section("Statistics", "statistics-organisation", "graph-up"))
        sections.append(section("Data sets", "dataset-list", "collection"))
        sections.append(section("Monitoring", "monitoring", "activity"))
        sections.append(section("Administration", "admin:index", "gear"))
    return sections
