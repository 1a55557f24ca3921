"""The signature: what was read becomes part of the record, with a digest over it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from accounts.services import SigningProof, require_role
from clinic.models import (
    BEFORE_COMMIT,
    Case,
    Lesion,
    Read,
    Reading,
    ReadingRole,
    ReadingState,
    ReadStage,
    ReadState,
)
from clinic.roles import READERS
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.selectors.signatures import reading_digest
from clinic.services.cases import lock_case
from clinic.services.reading.assignment import take
from clinic.services.reading.commit import Opinions, commit_reading, first_reads, reveal
from clinic.services.reading.decision import move_on
from clinic.services.reading.missing import find_missing, find_missing_reason, lesions_to_read

# What makes a reconsidered opinion another one.
COMPARED = ("diagnosis_id", "management", "monitor_months", "confidence", "criteria", "comment")


def sign_reading(
    *,
    case: Case,
    reader: User,
    proof: SigningProof | None = None,
    opinions: Opinions | None = None,
) -> Reading:
    """Sign the reading and move the case on. Nothing of it changes afterwards.

    `proof` says how and when the reader proved who they are; whoever lets people sign asks for one.
    In an organisation that does not read blind, the signature commits too, with `opinions` as
    `commit_reading`. Signing twice is the same as once. Raises Conflict before the commit or the
    reveal of a blind reading, IncompleteRead for a change of mind without a reason.
    """
    signed = _signed_by(case, reader)
    if signed is not None:
        return signed
    own = case.readings.filter(reader=reader).exclude(role=ReadingRole.AMENDMENT).first()
    if own is None or (own.state in BEFORE_COMMIT and not own.is_blind):
        # What was typed is kept even where something is missing, so this comes first.
        _require_open_reading(case, reader)
        commit_reading(case=case, reader=reader, opinions=opinions)
    with transaction.atomic():
        case = lock_case(case)
        if (signed := _signed_by(case, reader)) is not None:
            return signed
        reading = take(case, reader)
        if not reading.is_blind:
            reveal(reading)
        _require_revealed(reading)
        reads = _settle(reading, lesions_to_read(case))
        return _sign(case, reading, reads, proof)


def keep_proof(reading: Reading, proof: SigningProof | None) -> None:
    """Write down how the signer proved who they are; a program that fills a record has none."""
    if proof is not None:
        reading.proof_method, reading.proved_at = proof.method.value, proof.at


def _require_open_reading(case: Case, reader: User) -> None:
    with transaction.atomic():
        reading = take(lock_case(case), reader)
        if reading.is_blind:
            msg = "Commit your own opinion first: the model's answer is shown after it."
            raise Conflict(msg, code="not_committed")


def _require_revealed(reading: Reading) -> None:
    if reading.state in BEFORE_COMMIT:
        msg = "Commit your own opinion first: the model's answer is shown after it."
        raise Conflict(msg, code="not_committed")
    if reading.state == ReadingState.COMMITTED:
        msg = "Look at the model's answer before you sign."
        raise Conflict(msg, code="not_revealed")


def _signed_by(case: Case, reader: User) -> Reading | None:
    require_role(reader, case.organisation_id, *READERS)
    signed = case.readings.filter(reader=reader, state=ReadingState.SIGNED)
    return signed.exclude(role=ReadingRole.AMENDMENT).first()


def _settle(reading: Reading, lesions: list[Lesion]) -> list[Read]:
    """The reads as they are signed: first opinions, and changes of mind that are some."""
    first = first_reads(reading)
    changed: dict[UUID, Read] = {}
    for read in reading.reads.filter(stage=ReadStage.RECONSIDERED).select_related(
        "diagnosis", "lesion"
    ):
        if all(getattr(read, name) == getattr(first[read.lesion_id], name) for name in COMPARED):
            read.delete()
        else:
            changed[read.lesion_id] = read
    refusal = find_missing(lesions, first | changed) or find_missing_reason(lesions, changed)
    if refusal is not None:
        raise refusal
    for lesion, read in changed.items():
        first[lesion].stands, read.stands = False, True
    return [*first.values(), *changed.values()]


def _sign(case: Case, reading: Reading, reads: list[Read], proof: SigningProof | None) -> Reading:
    now = timezone.now()
    for read in reads:  # first opinions come first: one of a lesion stands at a time
        read.state, read.signed_at = ReadState.SIGNED, now
        read.save(update_fields=["state", "signed_at", "stands", "updated_at"])
    reading.signed_at = now
    keep_proof(reading, proof)
    reading.taxonomy_version = current_taxonomy_version()
    reading.digest = reading_digest(reading, reads)
    reading.state, reading.holds_case = ReadingState.SIGNED, False
    reading.save()
    move_on(case, reading)
    return reading
