"""How many readings were signed, and how long they took."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, DateTimeField, F, IntegerField, Value
from django.db.models.functions import TruncWeek
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import ReadingRole
from clinic.selectors.statistics.counted import counted_readings
from clinic.selectors.statistics.period import Period
from clinic.statistics.quartiles import Quartiles, quartiles

ROLES = tuple(ReadingRole)


@dataclass
class Workload:
    """Of one reader or of all of them.

    `weekly` counts signed readings by Monday and role. `seconds` counts durations: time with the
    page in front of the reader, of first, second and third reads; 0 is a time that nobody measured.
    """

    weekly: Counter[tuple[date, str]] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)

    @property
    def signed(self) -> int:
        """Readings in the whole period."""
        return sum(self.weekly.values())

    @property
    def by_role(self) -> dict[str, int]:
        """Readings in the whole period, by role."""
        counts = dict.fromkeys(ROLES, 0)
        for (_, role), count in self.weekly.items():
            counts[ReadingRole(role)] += count
        return {role.value: count for role, count in counts.items()}

    @property
    def time(self) -> Quartiles | None:
        """Seconds per reading, of those that were measured."""
        return quartiles({value: count for value, count in self.seconds.items() if value})

    @property
    def unmeasured(self) -> int:
        """Readings without a time."""
        return self.seconds[0]


def workloads(user: User, organisation: Organisation, period: Period) -> dict[UUID, Workload]:
    """By reader, in one query of counts: few rows, however many readings."""
    readings = counted_readings(user, organisation, period)
    weekly = readings.annotate(week=TruncWeek("signed_at"), seconds=Value(None, IntegerField()))
    durations = readings.exclude(role=ReadingRole.AMENDMENT).annotate(
        week=Value(None, DateTimeField()), seconds=F("active_seconds")
    )
    columns = ("reader_id", "role", "week", "seconds")
    rows = (
        weekly.values_list(*columns)
        .annotate(n=Count("pk"))
        .union(durations.values_list(*columns).annotate(n=Count("pk")), all=True)
    )
    found: dict[UUID, Workload] = {}
    for reader, role, week, seconds, n in rows.iterator():
        of_reader = found.setdefault(reader, Workload())
        if week is not None:
            of_reader.weekly[timezone.localtime(week).date(), role] += n
        else:
            of_reader.seconds[seconds] += n
    return found


def together(workloads: Mapping[UUID, Workload]) -> Workload:
    """All readers' work as one."""
    total = Workload()
    for one in workloads.values():
        total.weekly.update(one.weekly)
        total.seconds.update(one.seconds)
    return total
