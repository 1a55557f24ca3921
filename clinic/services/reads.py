"""Reading and signing. What a reader has typed is kept, even where signing is refused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict, DomainError, InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.models import Case, CaseState, Diagnosis, Lesion, Management, Read, ReadState
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.services.cases import lock_case, require_state
from clinic.services.roles import READERS

READ_FIELDS = frozenset({"diagnosis", "management", "monitor_months", "comment"})
LONGEST_COMMENT = 4000
# A reader's fields for one lesion, by the lesion's key.
Opinions = Mapping[UUID, Mapping[str, Any]]


class SignedByAnother(Conflict):
    """A colleague was faster. The reader's draft is kept beside the signed read."""

    code = "signed_by_another"


class IncompleteRead(InvalidInput):
    """A read lacks something that a signature needs; `lesion` says which, `field` what."""

    def __init__(self, sentence: str, *, lesion: Lesion, code: str, field: str) -> None:
        super().__init__(sentence, code=code, field=field)
        self.lesion = lesion


def save_read(*, case: Case, lesion: Lesion, reader: User, **opinion: Any) -> Read:
    """Keep a reader's draft on one lesion; fields that are not given stay as they are.

    Raises NotAllowed for other roles, Conflict unless the case waits for a read, SignedByAnother
    where a colleague signed meanwhile: the draft is kept all the same.
    """
    with transaction.atomic():
        case = lock_case(case)
        late = _too_late(case, reader)
        read = _keep_draft(case=case, lesion=lesion, reader=reader, opinion=opinion)
    if late is not None:
        raise late
    return read


def sign_case(*, case: Case, reader: User, opinions: Opinions | None = None) -> list[Read]:
    """Sign the reader's read of every lesion and close the case. Nothing changes afterwards.

    `opinions` are kept first, so that what is signed is what the reader saw. They stay a draft
    where signing is refused: IncompleteRead names what is missing, SignedByAnother says that a
    colleague was faster. Signing twice is the same as once for the same reader.
    """
    with transaction.atomic():
        case = lock_case(case)
        if signed := _signed_by(case, reader):
            return signed
        refusal = _too_late(case, reader)
        for lesion in _lesions(case):
            if opinions and lesion.pk in opinions:
                _keep_draft(case=case, lesion=lesion, reader=reader, opinion=opinions[lesion.pk])
        drafts = _drafts(case, reader)
        refusal = refusal or _missing(case, drafts)
        if refusal is None:
            return _sign(case, drafts)
    raise refusal


def find_missing(*, case: Case, reader: User) -> IncompleteRead | None:
    """What would keep the reader's drafts from being signed now, or None."""
    return _missing(case, _drafts(case, reader))


def _sign(case: Case, drafts: Mapping[UUID, Read]) -> list[Read]:
    now = timezone.now()
    reads = [drafts[lesion.pk] for lesion in _lesions(case)]
    for read in reads:
        read.state, read.signed_at = ReadState.SIGNED, now
        read.save(update_fields=["state", "signed_at", "updated_at"])
    case.state, case.finalised_at = CaseState.FINAL, now
    case.save(update_fields=["state", "finalised_at", "updated_at"])
    return reads


def _too_late(case: Case, reader: User) -> DomainError | None:
    """The refusal to raise once the draft is kept, if a colleague has signed the case."""
    require_role(reader, case.organisation_id, *READERS)
    if case.state == CaseState.FINAL and not _signed_by(case, reader):
        first = case.reads.filter(state=ReadState.SIGNED).select_related("reader").first()
        who = first.reader.get_full_name() if first else "A colleague"
        msg = f"{who} has signed {case.reference} already. Your draft is kept, unsigned."
        return SignedByAnother(msg)
    require_state(case, CaseState.SUBMITTED)
    return None


def _signed_by(case: Case, reader: User) -> list[Read]:
    """The signed reads if this reader closed the case, or nothing."""
    if case.state != CaseState.FINAL:
        return []
    signed = case.reads.filter(state=ReadState.SIGNED, reader=reader)
    return list(signed.select_related("reader", "lesion").order_by("lesion__number"))


def _lesions(case: Case) -> list[Lesion]:
    """Lesions with an image in this case."""
    return list(Lesion.objects.filter(images__case=case).distinct().order_by("number"))


def _drafts(case: Case, reader: User) -> dict[UUID, Read]:
    drafts = case.reads.filter(reader=reader, state=ReadState.DRAFT)
    return {read.lesion_id: read for read in drafts}


def _keep_draft(*, case: Case, lesion: Lesion, reader: User, opinion: Mapping[str, Any]) -> Read:
    if not case.images.filter(lesion=lesion).exists():
        raise InvalidInput("That lesion has no image in this case.", field="lesion")
    _check(opinion)
    read = case.reads.filter(lesion=lesion, reader=reader, state=ReadState.DRAFT).first()
    if read is None:
        read = Read(case=case, lesion=lesion, reader=reader)
    for name, value in opinion.items():
        setattr(read, name, value)
    if read.management != Management.MONITOR:
        read.monitor_months = None
    read.save()
    return read


def _check(opinion: Mapping[str, Any]) -> None:
    unknown = set(opinion) - READ_FIELDS
    if unknown:
        msg = f"A read has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    diagnosis: Diagnosis | None = opinion.get("diagnosis")
    if diagnosis is not None and not (
        diagnosis.is_selectable and diagnosis.taxonomy_version == current_taxonomy_version()
    ):
        raise InvalidInput("Choose a diagnosis from the list.", field="diagnosis")
    management, months = opinion.get("management"), opinion.get("monitor_months")
    if management and management not in Management.values:
        raise InvalidInput("Choose a recommendation from the list.", field="management")
    if months is not None and not 1 <= months <= 36:
        raise InvalidInput("Monitoring is due in 1 to 36 months.", field="monitor_months")
    if len(opinion.get("comment") or "") > LONGEST_COMMENT:
        msg = f"Keep the comment under {LONGEST_COMMENT} characters."
        raise InvalidInput(msg, field="comment")


def _missing(case: Case, drafts: Mapping[UUID, Read]) -> IncompleteRead | None:
    """What the first incomplete read lacks, in the order of the lesions."""
    for lesion in _lesions(case):
        read = drafts.get(lesion.pk)
        if read is None or read.diagnosis_id is None:
            return IncompleteRead(
                f"Choose a diagnosis for lesion {lesion.number} before you sign.",
                lesion=lesion, code="diagnosis_missing", field="diagnosis",
            )  # fmt: skip
        if not read.management:
            return IncompleteRead(
                f"Choose what should happen to lesion {lesion.number} before you sign.",
                lesion=lesion, code="management_missing", field="management",
            )  # fmt: skip
        if read.management == Management.MONITOR and not read.monitor_months:
            return IncompleteRead(
                f"Say in how many months lesion {lesion.number} should be seen again.",
                lesion=lesion, code="months_missing", field="monitor_months",
            )  # fmt: skip
    return None
