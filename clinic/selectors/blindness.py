"""Who may see what the model and the colleagues think of a case.

In an organisation that reads blind, a dermatologist could become the reader of any open case. So
nothing of the model's opinion on it reaches a dermatologist who has not committed an own one, and
nothing of a colleague's read before the own reading is signed. An adjudicator sees the two reads
from the commit on, because they are what the adjudication is about. What is closed is open to all
who may see the case. Clinicians and administrators do not read, and are not blinded.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, User
from clinic.models import (
    AFTER_COMMIT,
    OPEN_STATES,
    Case,
    Read,
    Reading,
    ReadingPolicy,
    ReadingRole,
    ReadingState,
    ReadState,
)
from clinic.roles import READERS
from clinic.selectors.cases import visible_cases


def unblinded_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases of the person's organisations on which the model's opinion may be shown to them."""
    cases = visible_cases(user)
    if not user.is_authenticated:
        return cases
    own = Reading.objects.filter(case=OuterRef("pk"), reader=user, state__in=AFTER_COMMIT)
    return cases.filter(~Q(state__in=OPEN_STATES) | ~_reads_blind(user) | Exists(own))


def may_see_model(user: User | AnonymousUser, case: Case) -> bool:
    """The same for one case."""
    return unblinded_cases(user).filter(pk=case.pk).exists()


def may_see_readings(user: User, case: Case) -> bool:
    """Whether this person may know who has read the case, and how far they are."""
    return unsealed_cases(user).filter(pk=case.pk).exists()


def readable_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """One's own reads, and what colleagues have signed where the blind rule lets it through.

    An unsigned read is nobody's business but its reader's. Whether the organisation shows the
    model's opinion at once makes no difference: a second opinion is worth nothing if it has seen
    the first.
    """
    visible = Read.objects.filter(case__in=visible_cases(user).values("pk"))
    if not user.is_authenticated:
        return visible.none()
    return visible.filter(
        Q(reader=user) | Q(state=ReadState.SIGNED, case__in=unsealed_cases(user).values("pk"))
    )


def unsealed_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases in which this person may see what colleagues have signed, and that they have."""
    if not user.is_authenticated:
        return Case.objects.none()
    own = Reading.objects.filter(case=OuterRef("pk"), reader=user)
    done = own.filter(
        Q(state=ReadingState.SIGNED) | Q(role=ReadingRole.ADJUDICATION, state__in=AFTER_COMMIT)
    )
    return visible_cases(user).filter(~Q(state__in=OPEN_STATES) | ~_is_reader(user) | Exists(done))


def _is_reader(user: User) -> Exists:
    return Exists(
        Membership.objects.filter(
            user=user, organisation=OuterRef("organisation_id"), role__in=READERS
        )
    )


def _reads_blind(user: User) -> Q:
    """The case's organisation reads blind (the default), and this person reads there."""
    policy = ReadingPolicy.objects.filter(organisation=OuterRef("organisation_id"), blind=False)
    return Q(_is_reader(user)) & ~Q(Exists(policy))
