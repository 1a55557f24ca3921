"""A signed answer that turns out to be wrong: a new version with a reason, beside the old one."""

from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict, InvalidInput
from accounts.models import User
from accounts.services import SigningProof, require_role
from clinic.models import (
    CLOSED_STATES,
    Case,
    CaseState,
    NotificationKind,
    Reading,
    ReadingRole,
    ReadingState,
    ReadState,
)
from clinic.roles import READERS
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.selectors.signatures import reading_digest
from clinic.services.cases import lock_case
from clinic.services.notifications import notify
from clinic.services.once import made_before
from clinic.services.reading.commit import Opinions, first_reads, keep_opinions
from clinic.services.reading.decision import close
from clinic.services.reading.drafts import LONGEST_COMMENT
from clinic.services.reading.missing import find_missing, lesions_to_read
from clinic.services.reading.signature import keep_proof


@transaction.atomic
def amend_answer(
    *,
    case: Case,
    reader: User,
    reason: str,
    opinions: Opinions,
    based_on: Reading,
    proof: SigningProof | None = None,
    key: UUID | None = None,
) -> Reading:
    """Sign a new version of a closed case's answer, and tell the submitter that there is one.

    `opinions` say it of every lesion; `based_on` is the answer that the reader saw. `key` makes a
    form posted twice amend once. Raises Conflict for an open case or an answer that was amended
    meanwhile, InvalidInput without a reason, IncompleteRead for what is missing.
    """
    require_role(reader, case.organisation_id, *READERS)
    case = lock_case(case)
    if key is not None and (made := made_before(Reading, key, case_id=case.pk)):
        return made
    if case.state not in CLOSED_STATES:
        msg = f"{case.reference} has no signed answer yet, so there is nothing to amend."
        raise Conflict(msg, code="case_state")
    if case.answer_id != based_on.pk:
        msg = f"{case.reference} has been amended since you opened it. Read that version first."
        raise Conflict(msg, code="amended_meanwhile")
    if not reason.strip():
        raise InvalidInput("Say why the answer is amended.", field="reason")
    if len(reason) > LONGEST_COMMENT:
        msg = f"Keep the reason under {LONGEST_COMMENT} characters."
        raise InvalidInput(msg, field="reason")
    reading = Reading.objects.create(
        id=key or uuid4(),
        case=case,
        reader=reader,
        role=ReadingRole.AMENDMENT,
        state=ReadingState.DRAFT,
        is_blind=False,
        holds_case=False,
        reason=reason.strip(),
        taxonomy_version=current_taxonomy_version(),
    )
    keep_proof(reading, proof)
    _sign(case, reading, opinions)
    close(case, reading, state=CaseState.AMENDED)
    notify(recipient=case.submitter, case=case, kind=NotificationKind.AMENDED)
    return reading


def _sign(case: Case, reading: Reading, opinions: Opinions) -> None:
    now = timezone.now()
    keep_opinions(reading, opinions)
    reads = first_reads(reading)
    if (missing := find_missing(lesions_to_read(case), reads)) is not None:
        raise missing
    for read in reads.values():
        read.state, read.signed_at = ReadState.SIGNED, now
        read.save(update_fields=["state", "signed_at", "updated_at"])
    reading.committed_at = reading.signed_at = now
    reading.digest = reading_digest(reading, list(reads.values()))
    reading.state = ReadingState.SIGNED
    reading.save()
