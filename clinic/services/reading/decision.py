"""Where a case goes after a signature: a second read, agreement, adjudication, the answer."""

import hashlib

from django.utils import timezone

from clinic.models import (
    Case,
    CaseState,
    Malignancy,
    Management,
    Read,
    Reading,
    ReadingPolicy,
    ReadingRole,
    ReadingState,
)
from clinic.selectors.reading_policies import reading_policy

SURGERY = frozenset({Management.EXCISE, Management.BIOPSY})


def move_on(case: Case, reading: Reading) -> None:
    """Take a locked case to its next state after `reading` was signed."""
    if reading.role == ReadingRole.FIRST:
        if wants_second_read(case, reading, reading_policy(case.organisation_id)):
            _to(case, CaseState.SECOND_READ)
        else:
            close(case, reading)
    elif reading.role == ReadingRole.SECOND:
        first = case.readings.get(role=ReadingRole.FIRST, state=ReadingState.SIGNED)
        if agree(standing_reads(first), standing_reads(reading)):
            _to(case, CaseState.CONCORDANT)
            close(case, first)
        else:
            _to(case, CaseState.DISCORDANT)
    else:
        close(case, reading)


def close(case: Case, answer: Reading, *, state: CaseState = CaseState.FINAL) -> None:
    """Make a signed reading the answer of its case."""
    case.state, case.answer = state, answer
    if case.finalised_at is None:
        case.finalised_at = timezone.now()
    case.save(update_fields=["state", "answer", "finalised_at", "updated_at"])


def wants_second_read(case: Case, first: Reading, policy: ReadingPolicy) -> bool:
    """Whether the organisation's policy asks for a second read of this case."""
    if is_drawn(case, policy.second_read_share):
        return True
    high = policy.second_read_from_malignancy
    if high is not None and case.malignancy is not None and case.malignancy >= high / 100:
        return True
    return policy.second_read_on_disagreement and disagrees_with_model(first)


def is_drawn(case: Case, share: int) -> bool:
    """The random share (per cent). The case's unguessable key is the draw: it stays the same."""
    draw = int.from_bytes(hashlib.sha256(case.pk.bytes).digest()[:4]) / 2**32
    return draw < share / 100


def disagrees_with_model(reading: Reading) -> bool:
    """Whether reader and model differ on the malignancy of a lesion, as the reader first saw it.

    A diagnosis that is not benign counts as suspicious, as the model's classes do.
    """
    first = reading.reads.filter(stage="first").select_related("diagnosis")
    return any(
        _is_suspicious(read) != opinion["suspicious"]
        for read in first
        if (opinion := reading.model_opinion.get(str(read.lesion_id))) is not None
        and opinion.get("suspicious") is not None
    )


def agree(first: list[Read], second: list[Read]) -> bool:
    """Whether two readings say the same of every lesion.

    The same is: diagnoses of one kind (a melanoma in situ is a melanoma) and one malignancy, and
    both or neither would cut.
    """
    theirs = {read.lesion_id: read for read in second}
    return all(_said(read) == _said(theirs[read.lesion_id]) for read in first)


def standing_reads(reading: Reading) -> list[Read]:
    """The reads that count within a reading."""
    standing = reading.reads.filter(stands=True)
    return list(standing.select_related("diagnosis__parent__parent__parent"))


def _said(read: Read) -> tuple[str, str, bool]:
    diagnosis = read.diagnosis
    assert diagnosis is not None  # noqa: S101 - committed reads have one, by constraint
    return (
        diagnosis.kind,
        diagnosis.malignancy,
        read.management in SURGERY,
    )


def _is_suspicious(read: Read) -> bool:
    return read.diagnosis is not None and read.diagnosis.malignancy != Malignancy.BENIGN


def _to(case: Case, state: CaseState) -> None:
    case.state = state
    case.save(update_fields=["state", "updated_at"])
