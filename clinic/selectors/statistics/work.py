"""Everything that the pages of statistics show, in five queries of counts."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from accounts.models import Organisation, User
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
    """The signed readings of closed cases in a period, as this person may see them."""
    kinds = Kinds.load()
    return Picture(
        period=period,
        workloads=workloads(user, organisation, period),
        pairs=reader_pairs(user, organisation, period, kinds),
        opinions=reader_opinions(user, organisation, period, kinds, consensus=consensus),
    )


def _work(workload: Workload, pairs: list[Pairs], opinions: list[Opinions]) -> Work:
    return Work(workload, agreement(pairs), compare(opinions), changed_minds(opinions))
