"""Marking lesions on a patient."""

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.models import BodySite, BodyView, Lesion, Patient
from clinic.roles import SUBMITTERS
from clinic.services.once import made_before

LESION_FIELDS = frozenset(
    {"body_site", "side", "view", "map_x", "map_y", "history", "first_seen_on"}
)


@transaction.atomic
def register_lesion(
    *, patient: Patient, actor: User, key: UUID | None = None, **fields: Any
) -> Lesion:
    """Mark a lesion; it gets the next number of its patient."""
    require_role(actor, patient.organisation_id, *SUBMITTERS)
    if key is not None and (lesion := made_before(Lesion, key, patient_id=patient.pk)):
        return lesion
    # The patient's row is the lock that makes numbers unique.
    Patient.objects.select_for_update().get(pk=patient.pk)
    last = patient.lesions.aggregate(last=Max("number"))["last"] or 0
    lesion = Lesion(id=key or uuid4(), patient=patient, number=last + 1, **_checked(fields))
    lesion.save(force_insert=True)
    return lesion


@transaction.atomic
def amend_lesion(*, lesion: Lesion, actor: User, **fields: Any) -> Lesion:
    """Correct a lesion's place or history."""
    require_role(actor, lesion.patient.organisation_id, *SUBMITTERS)
    lesion = Lesion.objects.select_for_update().get(pk=lesion.pk)
    # A mark is judged as it will stand: a change may give one coordinate or take the drawing away.
    mark = {name: getattr(lesion, name) for name in ("view", "map_x", "map_y")}
    _checked(mark | fields)
    for name, value in fields.items():
        setattr(lesion, name, value)
    lesion.save()
    return lesion


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - LESION_FIELDS
    if unknown:
        msg = f"A lesion has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    if "body_site" in fields and fields["body_site"] not in BodySite.values:
        raise InvalidInput("Choose a body site from the list.", field="body_site")
    x, y = fields.get("map_x"), fields.get("map_y")
    if (x is None) != (y is None):
        raise InvalidInput("A mark on the body map needs both coordinates.", field="map_x")
    if x is not None and y is not None:
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise InvalidInput("The mark lies outside the body map.", field="map_x")
        if fields.get("view") not in BodyView.values:
            raise InvalidInput("Say which drawing the mark is on, front or back.", field="view")
    return fields
