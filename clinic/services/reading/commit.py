"""The moment from which an own opinion can no longer be coloured, and what is shown after it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from clinic.models import (
    BEFORE_COMMIT,
    Case,
    Read,
    Reading,
    ReadingState,
    ReadStage,
    ReadState,
)
from clinic.services.cases import lock_case
from clinic.services.reading.assignment import take
from clinic.services.reading.drafts import desk, keep
from clinic.services.reading.missing import find_missing, lesions_to_read
from clinic.signals import model_opinion_wanted

# A reader's fields for one lesion, by the lesion's key; "version" may be among them.
Opinions = Mapping[UUID, Mapping[str, Any]]


def commit_reading(*, case: Case, reader: User, opinions: Opinions | None = None) -> Reading:
    """Make the reader's first opinion on every lesion final. Twice is the same as once.

    `opinions` are kept first, so that what is committed is what the reader saw; they stay a draft
    where it is refused: IncompleteRead names what is missing, CaseTaken or TooLate that a colleague
    has the case.
    """
    with transaction.atomic():
        case = lock_case(case)
        reading, refusal = desk(case, reader)
        if reading.state not in BEFORE_COMMIT:
            return reading
        keep_opinions(reading, opinions)
        drafts = first_reads(reading)
        refusal = refusal or find_missing(lesions_to_read(case), drafts)
        if refusal is None:
            return _commit(reading, drafts)
    raise refusal


@transaction.atomic
def reveal_opinion(*, case: Case, reader: User) -> Reading:
    """Keep what the model says now as what the reader has seen, with the time.

    An opinion that was seen is not replaced; one that had not come yet is, when it is there.
    Raises Conflict before the commit.
    """
    reading = take(lock_case(case), reader)
    if reading.state in BEFORE_COMMIT:
        msg = "Commit your own opinion first: the model's answer is shown after it."
        raise Conflict(msg, code="not_committed")
    return reveal(reading)


def reveal(reading: Reading) -> Reading:
    """Within a transaction that has locked the case: see `reveal_opinion`."""
    fresh = {
        lesion: opinion
        for lesion, opinion in model_opinion(reading.case).items()
        if lesion not in reading.model_opinion
    }
    if reading.state != ReadingState.COMMITTED and not fresh:
        return reading
    reading.model_opinion = reading.model_opinion | fresh
    reading.revealed_at = timezone.now()
    if reading.state == ReadingState.COMMITTED:
        reading.state = ReadingState.REVEALED
    reading.save(update_fields=["model_opinion", "revealed_at", "state"])
    return reading


def model_opinion(case: Case) -> dict[str, Any]:
    """What whoever listens says of the case, by lesion key; empty where nobody does."""
    said: dict[str, Any] = {}
    answers: list[tuple[Any, Any]] = model_opinion_wanted.send(sender=Case, case=case)
    for _, answer in answers:
        said |= answer or {}
    return said


def keep_opinions(reading: Reading, opinions: Opinions | None) -> None:
    """Keep what was sent with a commit or a signature, lesion by lesion."""
    for lesion in lesions_to_read(reading.case):
        if opinions and lesion.pk in opinions:
            fields = dict(opinions[lesion.pk])
            keep(reading, lesion, fields, version=fields.pop("version", None))


def first_reads(reading: Reading) -> dict[UUID, Read]:
    """The first opinions of a reading, by lesion."""
    reads = reading.reads.filter(stage=ReadStage.FIRST).select_related("diagnosis", "lesion")
    return {read.lesion_id: read for read in reads}


def _commit(reading: Reading, drafts: Mapping[UUID, Read]) -> Reading:
    for read in drafts.values():
        read.state = ReadState.COMMITTED
        read.save(update_fields=["state", "updated_at"])
    reading.state, reading.committed_at = ReadingState.COMMITTED, timezone.now()
    reading.save(update_fields=["state", "committed_at"])
    return reading
