"""Whose desk a case lies on. A lock that expires gives it back; what was written stays."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import Organisation, User
from accounts.services import require_role
from clinic.models import (
    BEFORE_COMMIT,
    WAITING_STATES,
    Case,
    CaseState,
    Reading,
    ReadingRole,
    ReadingState,
)
from clinic.roles import READERS
from clinic.selectors.reading_policies import reading_policy
from clinic.selectors.worklist import WorklistOrder, next_to_read, worklist
from clinic.services.cases import lock_case

# What the case needs of the next reader, by its state.
ROLES = {
    CaseState.SUBMITTED: ReadingRole.FIRST,
    CaseState.FIRST_READ: ReadingRole.FIRST,
    CaseState.SECOND_READ: ReadingRole.SECOND,
    CaseState.DISCORDANT: ReadingRole.ADJUDICATION,
    CaseState.ADJUDICATION: ReadingRole.ADJUDICATION,
}
ON_A_DESK = {
    CaseState.SUBMITTED: CaseState.FIRST_READ,
    CaseState.DISCORDANT: CaseState.ADJUDICATION,
}
GIVEN_BACK = {desk: waiting for waiting, desk in ON_A_DESK.items()}


class CaseTaken(Conflict):
    """The case lies on a colleague's desk."""

    code = "case_taken"


class AlreadyRead(Conflict):
    """The reader has signed a read of this case; the next step is somebody else's."""

    code = "already_read"


def assign_case(*, case: Case, reader: User) -> Reading:
    """Put a waiting case on the reader's desk, or find it there; the lock starts anew.

    Raises NotAllowed for other roles, CaseTaken while a colleague's lock lasts, AlreadyRead after
    an own signature, Conflict for a case that does not wait for a reader.
    """
    with transaction.atomic():
        return take(lock_case(case), reader)


def assign_next(
    *,
    reader: User,
    organisation: Organisation,
    after: Case | None = None,
    by: WorklistOrder = WorklistOrder.URGENT,
) -> Reading | None:
    """Assign the first case of the reader's worklist, or the first one behind `after`.

    Cases that are being assigned at the same moment are passed over; None when none is left.
    """
    require_role(reader, organisation.pk, *READERS)
    for _ in range(worklist(reader, organisation).order_by().count() + 1):
        with transaction.atomic():
            waiting = next_to_read(reader, organisation, after=after, lock=True, by=by)
            if waiting is None:
                return None
            try:
                return take(lock_case(waiting), reader)
            except Conflict:
                continue  # taken between the list and the lock: the list knows it by now
    return None


def keep_lock(*, case: Case, reader: User, active_seconds: int = 0) -> Reading:
    """The page is still in front of the reader: the lock lasts on, the time is counted.

    `active_seconds` since the last call; more than has passed is not believed. Raises as
    `assign_case`, which it repeats for a reader whose lock has expired.
    """
    with transaction.atomic():
        case = lock_case(case)
        before = Reading.objects.filter(case=case, reader=reader, holds_case=True).first()
        since = before.lock_expires_at - lock_time() if before and before.lock_expires_at else None
        reading = take(case, reader)
        if since is not None and active_seconds > 0:
            passed = max(0, int((timezone.now() - since).total_seconds()) + 1)
            reading.active_seconds += min(active_seconds, passed)
            reading.save(update_fields=["active_seconds"])
        return reading


@transaction.atomic
def release_case(*, case: Case, reader: User) -> None:
    """Give a case back before it is signed. The draft stays for whoever comes back to it."""
    require_role(reader, case.organisation_id, *READERS)
    case = lock_case(case)
    held = case.readings.filter(holds_case=True, reader=reader).first()
    if held is not None:
        give_back(case, held)


def release_expired_readings() -> int:
    """Give back what lies on the desks of readers who are gone; returns how many."""
    expired = Reading.objects.filter(holds_case=True, lock_expires_at__lte=timezone.now())
    released = 0
    for key in list(expired.values_list("case_id", flat=True)):
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=key)
            for locked in case:
                held = locked.readings.filter(holds_case=True).first()
                if held is not None and not held.holds_at(timezone.now()):
                    give_back(locked, held)
                    released += 1
    return released


def take(case: Case, reader: User) -> Reading:
    """Within a transaction that has locked the case: see `assign_case`."""
    require_role(reader, case.organisation_id, *READERS)
    require_waiting(case)
    holder, own = _holder_and_own(case, reader)
    now = timezone.now()
    if own is not None and own.state == ReadingState.SIGNED:
        msg = f"You have signed your read of {case.reference}. The next step is a colleague's."
        raise AlreadyRead(msg)
    if holder is not None and holder.reader_id != reader.pk:
        if holder.holds_at(now):
            raise CaseTaken(taken_sentence(case, holder))
        give_back(case, holder)
    return _onto_desk(case, own or Reading(case=case, reader=reader))


def _onto_desk(case: Case, reading: Reading) -> Reading:
    reading.role = ROLES[CaseState(case.state)]
    if reading.state in BEFORE_COMMIT:
        # Once seen is seen: a reading that began in the open does not become blind.
        blind = reading_policy(case.organisation_id).blind
        reading.is_blind = blind and (reading.is_blind or reading._state.adding)
    reading.holds_case = True
    reading.lock_expires_at = timezone.now() + lock_time()
    reading.save()
    if case.state in ON_A_DESK:
        case.state = ON_A_DESK[CaseState(case.state)]
        case.save(update_fields=["state", "updated_at"])
    return reading


def give_back(case: Case, reading: Reading) -> None:
    """Within a transaction that has locked the case: take it off the desk."""
    reading.holds_case = False
    reading.save(update_fields=["holds_case"])
    if case.state in GIVEN_BACK:
        case.state = GIVEN_BACK[CaseState(case.state)]
        case.save(update_fields=["state", "updated_at"])


def require_waiting(case: Case) -> None:
    """Raise Conflict with a sentence unless a reader can be found for the case."""
    if case.state not in WAITING_STATES:
        msg = f"{case.reference} is {case.get_state_display().lower()} and cannot be read now."
        raise Conflict(msg, code="case_state")


def taken_sentence(case: Case, holder: Reading) -> str:
    """Who reads, since when, and what becomes of it."""
    since = timezone.localtime(holder.assigned_at).strftime("%H:%M")
    return (
        f"{holder.reader.get_full_name()} has been reading {case.reference} since {since}. It "
        "comes back to the worklist if they leave it."
    )


def lock_time() -> timedelta:
    """How long a case lies on a desk without a sign of its reader."""
    return timedelta(seconds=settings.READING_LOCK_SECONDS)


def _holder_and_own(case: Case, reader: User) -> tuple[Reading | None, Reading | None]:
    readings: Sequence[Reading] = list(
        case.readings.exclude(role=ReadingRole.AMENDMENT).select_related("reader")
    )
    holder = next((r for r in readings if r.holds_case), None)
    own = next((r for r in readings if r.reader_id == reader.pk), None)
    return holder, own
