"""Which readings a figure may come from.

An open case must not leak through a count: that a case is read, or that two readers differ, is a
part of the opinions which the blind rule withholds. So figures come from signed readings of closed
cases, for everybody, administrators too.
"""

from django.db.models import Exists, Q, QuerySet

from accounts.models import Organisation, User
from accounts.selectors import visible_organisations
from clinic.models import CLOSED_STATES, Read, Reading, ReadingRole, ReadingState, ReadStage
from clinic.selectors.statistics.period import Period

# Who reads a case for the first time. An adjudicator knows two opinions, an amendment the answer.
INDEPENDENT = (ReadingRole.FIRST, ReadingRole.SECOND)


def counted_readings(user: User, organisation: Organisation, period: Period) -> QuerySet[Reading]:
    """Signed readings of closed cases of an organisation that the person belongs to."""
    return Reading.objects.filter(
        _is_counted(user, organisation), signed_at__gte=period.starts_at
    ).order_by()


def counted_opinions(user: User, organisation: Organisation, period: Period) -> QuerySet[Read]:
    """The first opinions of these readings on each lesion, by first and second readers."""
    return Read.objects.filter(
        _is_counted(user, organisation, "reading__"),
        reading__signed_at__gte=period.starts_at,
        reading__role__in=INDEPENDENT,
        stage=ReadStage.FIRST,
    ).order_by()


def _is_counted(user: User, organisation: Organisation, reading: str = "") -> Q:
    # Asked once, not of every row: nothing in it depends on the reading.
    may_see = Exists(visible_organisations(user).filter(pk=organisation.pk))
    return Q(may_see) & Q(
        **{
            f"{reading}state": ReadingState.SIGNED,
            f"{reading}case__state__in": CLOSED_STATES,
            f"{reading}case__organisation": organisation,
        }
    )
