"""Everything that the pages of statistics show, in four queries."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.selectors import role_in
from clinic.selectors.statistics.agreement import (
    Agreement,
    Pairs,
    agreement,
    pairs_of,
    reader_pairs,
)
from clinic.selectors.statistics.comparison import (
    ChangedMinds,
    Comparison,
    changed_minds,
    compare,
)
from clinic.selectors.statistics.kinds import Kinds
from clinic.selectors.statistics.opinions import Opinions, opinions_of, reader_opinions
from clinic.selectors.statistics.period import Period
from clinic.selectors.statistics.workload import Workload, together, workloads

# Fewer readings are counted anew at each visit: that takes less than 0.3 s.
KEPT_FROM = 2_000
KEPT_SECONDS = 60 * 60


@dataclass(frozen=True)
class Work:
    """Of one reader, or of all of an organisation."""

    workload: Workload
    agreement: Agreement
    comparison: Comparison
    minds: ChangedMinds


@dataclass(frozen=True)
class Picture:
    """The counts of a period, by reader; what is shown is computed from them when it is asked."""

    period: Period
    counted_at: datetime
    workloads: dict[UUID, Workload]
    pairs: list[Pairs]
    opinions: list[Opinions]

    @cached_property
    def of_all(self) -> Work:
        """Everybody's work, pooled."""
        return _work(together(self.workloads), self.pairs, self.opinions)

    def of_reader(self, reader: UUID) -> Work:
        """One reader's, agreement being that with colleagues."""
        return _work(
            self.workloads.get(reader, Workload()),
            pairs_of(self.pairs, reader),
            opinions_of(self.opinions, reader),
        )

    @property
    def readers(self) -> list[UUID]:
        """Who signed something in the period."""
        return list(self.workloads)


def picture_of_work(
    *, user: User, organisation: Organisation, period: Period, consensus: bool = False
) -> Picture:
    """The signed readings of closed cases in a period, as this person may see them.

    In a large record the counts are kept for an hour, for everybody with a role there: which
    counts a person may see depends on nothing else, and no case that is open is among them.
    """
    if role_in(user, organisation.pk) is None:
        return _counted(user, organisation, period, consensus=consensus)
    key = f"picture-of-work:1:{organisation.pk}:{period.first_day}:{period.weeks}:{consensus}"
    kept: Picture | None = cache.get(key)
    if kept is None:
        kept = _counted(user, organisation, period, consensus=consensus)
        if sum(one.signed for one in kept.workloads.values()) >= KEPT_FROM:
            cache.set(key, kept, KEPT_SECONDS)
    return kept


def _counted(user: User, organisation: Organisation, period: Period, *, consensus: bool) -> Picture:
    kinds = Kinds.load()
    return Picture(
        period=period,
        counted_at=timezone.now(),
        workloads=workloads(user, organisation, period),
        pairs=reader_pairs(user, organisation, period, kinds),
        opinions=reader_opinions(user, organisation, period, kinds, consensus=consensus),
    )


def _work(workload: Workload, pairs: list[Pairs], opinions: list[Opinions]) -> Work:
    return Work(workload, agreement(pairs), compare(opinions), changed_minds(opinions))
