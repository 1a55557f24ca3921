"""The weeks that a page of statistics is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

# The choices on the page, in weeks.
PERIODS = (4, 12, 52)


@dataclass(frozen=True)
class Period:
    """Whole ISO weeks, Monday to Sunday in the clinic's time zone, the present one included."""

    weeks: int
    first_day: date

    @property
    def starts_at(self) -> datetime:
        """Monday, 0:00."""
        return timezone.make_aware(datetime.combine(self.first_day, time.min))

    @property
    def mondays(self) -> list[date]:
        """The first day of each week, oldest first."""
        return [self.first_day + timedelta(weeks=week) for week in range(self.weeks)]


def last_weeks(weeks: int) -> Period:
    """The present week and those before it, `weeks` in all."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    return Period(weeks, monday - timedelta(weeks=weeks - 1))
