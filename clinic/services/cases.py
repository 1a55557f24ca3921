"""The life of a case until it waits for a reader; `reading/` takes it from there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.errors import Conflict, InvalidInput
from accounts.models import Organisation, User
from accounts.services import require_role
from clinic.models import OPEN_STATES, WAITING_STATES, Case, CaseState, Patient, Priority
from clinic.roles import SUBMITTERS
from clinic.services.once import made_before


@transaction.atomic
def start_case(
    *,
    patient: Patient,
    actor: User,
    key: UUID | None = None,
    clinical_question: str = "",
    priority: int = Priority.ROUTINE,
) -> Case:
    """Open a draft for a patient. `key` makes a form posted twice open one."""
    require_role(actor, patient.organisation_id, *SUBMITTERS)
    if key is not None and (case := made_before(Case, key, patient_id=patient.pk)):
        return case
    return Case.objects.create(
        id=key or uuid4(),
        organisation_id=patient.organisation_id,
        patient=patient,
        number=next_case_number(patient.organisation_id),
        clinical_question=clinical_question.strip(),
        priority=_priority(priority),
        submitter=actor,
    )


def next_case_number(organisation_id: UUID, *, count: int = 1) -> int:
    """Reserve `count` numbers of the organisation's own counter; returns the first.

    The organisation's row stays locked until the transaction ends.
    """
    Organisation.objects.filter(pk=organisation_id).update(
        last_case_number=F("last_case_number") + count
    )
    last = Organisation.objects.values_list("last_case_number", flat=True).get(pk=organisation_id)
    return last - count + 1


@transaction.atomic
def amend_case(*, case: Case, actor: User, **fields: Any) -> Case:
    """Change the question or the priority of a draft. Raises Conflict once it is submitted."""
    case = lock_case(case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    require_state(case, CaseState.DRAFT)
    if "clinical_question" in fields:
        case.clinical_question = fields.pop("clinical_question").strip()
    if "priority" in fields:
        case.priority = _priority(fields.pop("priority"))
    if fields:
        msg = f"A case has no {', '.join(sorted(fields))} that can be changed."
        raise InvalidInput(msg)
    case.save(update_fields=["clinical_question", "priority", "updated_at"])
    return case


@transaction.atomic
def submit_case(*, case: Case, actor: User) -> Case:
    """Hand a draft to the readers. Submitting twice is the same as once.

    Raises InvalidInput without images, Conflict if it is final or cancelled.
    """
    case = lock_case(case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    if case.state in WAITING_STATES:
        return case
    require_state(case, CaseState.DRAFT)
    if not case.images.exists():
        msg = "Add at least one image before you submit the case."
        raise InvalidInput(msg, code="no_images")
    case.state, case.submitted_at, case.submitter = CaseState.SUBMITTED, timezone.now(), actor
    case.save(update_fields=["state", "submitted_at", "submitter", "updated_at"])
    return case


@transaction.atomic
def cancel_case(*, case: Case, actor: User, reason: str) -> Case:
    """Withdraw a case before it is final. The reason stays with it."""
    case = lock_case(case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    require_state(case, *OPEN_STATES)
    if not reason.strip():
        raise InvalidInput("Give a reason for cancelling the case.", field="reason")
    case.readings.filter(holds_case=True).update(holds_case=False)
    case.state, case.cancelled_reason = CaseState.CANCELLED, reason.strip()[:300]
    case.save(update_fields=["state", "cancelled_reason", "updated_at"])
    return case


@transaction.atomic
def record_case_malignancy(*, malignancy_by_case: Mapping[UUID, float | None]) -> None:
    """Keep each case's highest malignancy beside it, for the order of the worklist."""
    cases = list(
        Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=malignancy_by_case.keys())
        .order_by("pk")
    )
    for case in cases:
        case.malignancy = malignancy_by_case[case.pk]
    Case.objects.bulk_update(cases, ["malignancy"])


def lock_case(case: Case) -> Case:
    """The case as it stands now, locked until the transaction ends."""
    return Case.objects.select_for_update(of=("self",)).select_related("patient").get(pk=case.pk)


def require_state(case: Case, *states: CaseState) -> None:
    """Raise Conflict with a sentence unless the case is in one of the states."""
    if case.state not in states:
        msg = (
            f"{case.reference} is {case.get_state_display().lower()} and can no longer be changed."
        )
        raise Conflict(msg, code="case_state")


def _priority(value: int) -> int:
    if value not in Priority.values:
        raise InvalidInput("Choose a priority from the list.", field="priority")
    return value
