"""Keeping what a post brought, lesion by lesion; one that is refused does not take the others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.errors import DomainError
from clinic.models import Lesion, Read
from clinic.services import CaseTaken, DraftConflict, TooLate, reconsider_read, save_read
from clinic.views.reading.conflict import DraftsApart
from clinic.views.reading.desk import Desk, Shape

Save = Callable[..., Read]


@dataclass
class Kept:
    """What became of a post: versions by lesion, both texts where they differ, what came late."""

    versions: dict[str, int] = field(default_factory=dict)
    apart: list[DraftsApart] = field(default_factory=list)
    late: DomainError | None = None


def keep_opinions(desk: Desk) -> Kept:
    """Keep every lesion's draft, also where a colleague was faster: that is said at the end."""
    save: Save = reconsider_read if desk.shape == Shape.DECIDE else save_read
    return keep_with(desk, save)


def keep_with(desk: Desk, save: Save) -> Kept:
    """The same by this service."""
    kept = Kept()
    opinions = desk.opinions()
    for place in desk.sent():
        key = str(place.lesion.pk)
        if place.lesion.pk not in opinions:
            kept.versions[key] = place.form.initial["version"]
            continue
        fields = opinions[place.lesion.pk]
        version = fields.pop("version")
        lesion: Lesion = place.lesion
        try:
            read = save(
                case=desk.case, lesion=lesion, reader=desk.reader, version=version, **fields
            )
            kept.versions[key] = read.version
        except DraftConflict as conflict:
            form = desk.stored_form(place, conflict.stored)
            kept.apart.append(DraftsApart(place, conflict.stored, form))
        except (CaseTaken, TooLate) as refusal:
            kept.late = refusal
    return kept
