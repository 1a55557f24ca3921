"""What a reader types. It is kept even where it comes too late, and never overwrites unseen."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.errors import Conflict, DomainError, InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.criteria import Criteria
from clinic.models import (
    BEFORE_COMMIT,
    CLOSED_STATES,
    Case,
    Confidence,
    Diagnosis,
    Lesion,
    Management,
    Read,
    Reading,
    ReadingRole,
    ReadingState,
    ReadStage,
    ReadState,
)
from clinic.roles import READERS
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.services.cases import lock_case
from clinic.services.reading.assignment import CaseTaken, require_waiting, take

FIRST_FIELDS = frozenset(
    {"diagnosis", "management", "monitor_months", "confidence", "criteria", "comment"}
)
RECONSIDERED_FIELDS = FIRST_FIELDS | {"reason"}
LONGEST_COMMENT = 4000


class TooLate(Conflict):
    """A colleague was faster. The reader's draft is kept beside the signed read."""

    code = "too_late"


class DraftConflict(Conflict):
    """The draft was saved from elsewhere since this window read it. `stored` is what it is now."""

    code = "draft_conflict"

    def __init__(self, sentence: str, *, stored: Read) -> None:
        super().__init__(sentence)
        self.stored = stored


def save_read(
    *, case: Case, lesion: Lesion, reader: User, version: int | None = None, **opinion: Any
) -> Read:
    """Keep a reader's first opinion on one lesion; fields that are not given stay as they are.

    `version` is that of the draft which the reader saw (0: none); DraftConflict where it has moved
    on to something else. Raises NotAllowed for other roles, Conflict after the commit and for a
    case that does not wait; CaseTaken or TooLate where a colleague has the case or has signed it:
    the draft is kept all the same.
    """
    with transaction.atomic():
        case = lock_case(case)
        reading, late = desk(case, reader)
        require_first_opinion(case, reading)
        read = keep(reading, lesion, opinion, version=version)
    if late is not None:
        raise late
    return read


@transaction.atomic
def reconsider_read(
    *, case: Case, lesion: Lesion, reader: User, version: int | None = None, **opinion: Any
) -> Read:
    """Change one's mind on a lesion after the model's answer; the first opinion stays beside it.

    `reason` says why; it may come later, but before the signature. Raises as `save_read`.
    """
    reading = take(lock_case(case), reader)
    if reading.state not in {ReadingState.REVEALED, ReadingState.RECONSIDERED}:
        msg = "Commit your own opinion and look at the model's answer before you change it."
        raise Conflict(msg, code="not_revealed")
    read = keep(reading, lesion, opinion, version=version, stage=ReadStage.RECONSIDERED)
    if reading.state != ReadingState.RECONSIDERED:
        reading.state = ReadingState.RECONSIDERED
        reading.save(update_fields=["state"])
    return read


@transaction.atomic
def keep_first_opinion(*, case: Case, lesion: Lesion, reader: User) -> Reading:
    """Take back a change of mind that is not signed: the first opinion stands as it is."""
    reading = take(lock_case(case), reader)
    reading.reads.filter(
        lesion=lesion, stage=ReadStage.RECONSIDERED, state=ReadState.DRAFT
    ).delete()
    drafts = reading.reads.filter(stage=ReadStage.RECONSIDERED)
    if reading.state == ReadingState.RECONSIDERED and not drafts.exists():
        reading.state = ReadingState.REVEALED
        reading.save(update_fields=["state"])
    return reading


def desk(case: Case, reader: User) -> tuple[Reading, DomainError | None]:
    """The reader's reading of a locked case, and the refusal to raise once the draft is kept."""
    require_role(reader, case.organisation_id, *READERS)
    late: DomainError
    try:
        return take(case, reader), None
    except CaseTaken as taken:
        own, late = _own(case, reader), taken
    except Conflict:
        own = _own(case, reader)
        if case.state not in CLOSED_STATES or own.state == ReadingState.SIGNED:
            raise
        late = TooLate(_too_late(case))
    return own, late


def _own(case: Case, reader: User) -> Reading:
    """Where a draft is kept that has come too late: a reading that holds nothing."""
    own, _ = Reading.objects.exclude(role=ReadingRole.AMENDMENT).get_or_create(
        case=case, reader=reader, defaults={"holds_case": False}
    )
    return own


def _too_late(case: Case) -> str:
    answer = case.answer
    who = answer.reader.get_full_name() if answer else "A colleague"
    return f"{who} has signed {case.reference} already. Your draft is kept, unsigned."


def require_first_opinion(case: Case, reading: Reading) -> None:
    """Raise Conflict unless the first opinion may still change."""
    if reading.state not in BEFORE_COMMIT:
        msg = (
            f"You have committed your opinion on {case.reference}; it stays as it is. You can "
            "change your mind with a reason once you have seen the model's answer."
        )
        raise Conflict(msg, code="committed")
    if case.state not in CLOSED_STATES:
        require_waiting(case)


def keep(
    reading: Reading,
    lesion: Lesion,
    opinion: Mapping[str, Any],
    *,
    version: int | None,
    stage: ReadStage = ReadStage.FIRST,
) -> Read:
    """Write one draft within a transaction that has locked the case."""
    if not reading.case.images.filter(lesion=lesion).exists():
        raise InvalidInput("That lesion has no image in this case.", field="lesion")
    checked = _checked(opinion, RECONSIDERED_FIELDS if stage != ReadStage.FIRST else FIRST_FIELDS)
    read = reading.reads.filter(lesion=lesion, stage=stage).select_related("diagnosis").first()
    if read is not None and not _differs(read, checked):
        return read  # sent twice, or the same from two windows
    _require_version(read, version)
    if read is None:
        read = _new(reading, lesion, stage)
    else:
        read.version += 1
    for name, value in checked.items():
        setattr(read, name, value)
    if read.management != Management.MONITOR:
        read.monitor_months = None
    read.save()
    if reading.state == ReadingState.ASSIGNED:
        reading.state = ReadingState.DRAFT
        reading.save(update_fields=["state"])
    return read


def _new(reading: Reading, lesion: Lesion, stage: ReadStage) -> Read:
    read = Read(case_id=reading.case_id, reader_id=reading.reader_id, reading=reading)
    if stage != ReadStage.FIRST:
        first = reading.reads.get(lesion=lesion, stage=ReadStage.FIRST)
        for name in FIRST_FIELDS:
            setattr(read, name, getattr(first, name))
    read.lesion, read.stage, read.stands = lesion, stage, stage == ReadStage.FIRST
    return read


def _require_version(read: Read | None, version: int | None) -> None:
    if version is None or version == (read.version if read else 0):
        return
    if read is None:
        msg = "This draft is no longer there. Open the case again and repeat your entry."
        raise Conflict(msg, code="draft_gone")
    msg = "This opinion was changed in another window since you opened it. Choose which to keep."
    raise DraftConflict(msg, stored=read)


def _differs(read: Read, opinion: Mapping[str, Any]) -> bool:
    return any(getattr(read, name) != value for name, value in opinion.items())


def _checked(opinion: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """The fields as they are kept. Raises InvalidInput for what cannot be recorded."""
    unknown = set(opinion) - known
    if unknown:
        msg = f"A read has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    checked = dict(opinion)
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
    confidence = opinion.get("confidence")
    if confidence is not None and confidence not in Confidence.values:
        raise InvalidInput("Say how sure you are from the list.", field="confidence")
    for name in ("comment", "reason"):
        if len(opinion.get(name) or "") > LONGEST_COMMENT:
            msg = f"Keep the {name} under {LONGEST_COMMENT} characters."
            raise InvalidInput(msg, field=name)
    if "criteria" in opinion:
        checked["criteria"] = Criteria.from_json(opinion["criteria"] or {}).to_json()
    return checked
