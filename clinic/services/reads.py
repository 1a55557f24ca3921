"""Reading and signing."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict, InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.models import Case, CaseState, Lesion, Management, Read, ReadState
from clinic.services.cases import lock_case, require_state
from clinic.services.roles import READERS

READ_FIELDS = frozenset({"diagnosis", "management", "monitor_months", "comment"})


@transaction.atomic
def save_read(*, case: Case, lesion: Lesion, reader: User, **opinion: Any) -> Read:
    """Keep a reader's draft on one lesion. Saving again replaces the same draft.

    Raises NotAllowed for other roles, Conflict once the case is signed.
    """
    case = lock_case(case)
    require_role(reader, case.organisation_id, *READERS)
    require_state(case, CaseState.SUBMITTED)
    if not case.images.filter(lesion=lesion).exists():
        raise InvalidInput("That lesion has no image in this case.", field="lesion")
    unknown = set(opinion) - READ_FIELDS
    if unknown:
        msg = f"A read has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    _check_management(opinion)
    read, _ = Read.objects.update_or_create(
        case=case, lesion=lesion, reader=reader, state=ReadState.DRAFT, defaults=opinion
    )
    return read


@transaction.atomic
def sign_case(*, case: Case, reader: User) -> list[Read]:
    """Sign the reader's drafts on every lesion and close the case. Nothing changes afterwards.

    Signing twice is the same as once for the same reader; a colleague who was faster raises
    Conflict, an incomplete read InvalidInput naming the lesion.
    """
    case = lock_case(case)
    require_role(reader, case.organisation_id, *READERS)
    if case.state == CaseState.FINAL:
        signed = list(case.reads.filter(state=ReadState.SIGNED).select_related("reader"))
        if signed and all(read.reader_id == reader.pk for read in signed):
            return signed
        who = signed[0].reader.get_full_name() if signed else "A colleague"
        msg = f"{who} has signed {case.reference} already. Your draft is kept, unsigned."
        raise Conflict(msg, code="signed_by_another")
    require_state(case, CaseState.SUBMITTED)
    lesions = list(Lesion.objects.filter(images__case=case).distinct().order_by("number"))
    drafts = {
        read.lesion_id: read
        for read in case.reads.select_for_update().filter(reader=reader, state=ReadState.DRAFT)
    }
    _require_complete(lesions, drafts)
    now = timezone.now()
    reads = [drafts[lesion.pk] for lesion in lesions]
    for read in reads:
        read.state, read.signed_at = ReadState.SIGNED, now
        read.save(update_fields=["state", "signed_at", "updated_at"])
    case.state, case.finalised_at = CaseState.FINAL, now
    case.save(update_fields=["state", "finalised_at", "updated_at"])
    return reads


def _require_complete(lesions: Iterable[Lesion], drafts: dict[Any, Read]) -> None:
    for lesion in lesions:
        read = drafts.get(lesion.pk)
        if read is None or read.diagnosis_id is None:
            msg = f"Choose a diagnosis for lesion {lesion.number} before you sign."
            raise InvalidInput(msg, code="diagnosis_missing", field="diagnosis")
        if not read.management:
            msg = f"Choose what should happen to lesion {lesion.number} before you sign."
            raise InvalidInput(msg, code="management_missing", field="management")
        if read.management == Management.MONITOR and not read.monitor_months:
            msg = f"Say in how many months lesion {lesion.number} should be seen again."
            raise InvalidInput(msg, code="months_missing", field="monitor_months")


def _check_management(opinion: dict[str, Any]) -> None:
    management, months = opinion.get("management"), opinion.get("monitor_months")
    if management and management not in Management.values:
        raise InvalidInput("Choose a recommendation from the list.", field="management")
    if months is not None and not 1 <= months <= 36:
        raise InvalidInput("Monitoring is due in 1 to 36 months.", field="monitor_months")
    if management is not None and management != Management.MONITOR:
        opinion["monitor_months"] = None
