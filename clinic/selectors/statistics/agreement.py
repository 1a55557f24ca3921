"""How far first and second readers of the same lesions agree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery

from accounts.models import Organisation, User
from clinic.models import Read, ReadingRole, ReadingState, ReadStage
from clinic.selectors.statistics.counted import counted_opinions
from clinic.selectors.statistics.kinds import Kind, Kinds, Opinion
from clinic.selectors.statistics.period import Period
from clinic.statistics.figures import Figure, class_kappa_figure, kappa_figure


@dataclass(frozen=True)
class Pairs:
    """`n` lesions of which two readers said the same two things; theirs in the order of readers.

    `before` are the first opinions, `signed` what each signed after the model's answer. `blind`:
    neither had seen the model before the first opinion.
    """

    readers: tuple[UUID, UUID]
    blind: bool
    before: tuple[Opinion, Opinion]
    signed: tuple[Opinion, Opinion]
    n: int


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa before the model's answer was seen (blind pairs only), and as signed (all)."""

    pairs: int
    not_blind: int
    diagnosis: tuple[Figure, Figure]
    malignancy: tuple[Figure, Figure]
    kinds: dict[Kind, tuple[Figure, Figure]]


def reader_pairs(
    user: User, organisation: Organisation, period: Period, kinds: Kinds
) -> list[Pairs]:
    """Every lesion read by a first and a second reader, the second in the period; one query.

    Counted by who said what, so the rows are as many as the combinations that occur.
    """
    rows = (
        counted_opinions(user, organisation, period)
        .filter(reading__role=ReadingRole.SECOND)
        .annotate(
            other=FilteredRelation(
                "case__reads",
                condition=Q(case__reads__lesion=F("lesion"), case__reads__stage=ReadStage.FIRST),
            )
        )
        .filter(
            other__reading__role=ReadingRole.FIRST, other__reading__state=ReadingState.SIGNED
        )
        .annotate(mine=_standing("reading"), theirs=_standing("other__reading"))
        .values_list(
            "other__reader", "reader", "other__reading__is_blind", "reading__is_blind",
            "other__diagnosis", "diagnosis", "theirs", "mine",
        )
        .annotate(n=Count("pk"))
    )  # fmt: skip
    said = kinds.by_key
    return [
        Pairs(
            readers=(first, second),
            blind=first_blind and second_blind,
            before=(said[before[0]], said[before[1]]),
            signed=(said[signed[0]], said[signed[1]]),
            n=n,
        )
        for first, second, first_blind, second_blind, *before_and_signed, n in rows.iterator()
        for before, signed in [(before_and_signed[:2], before_and_signed[2:])]
    ]


def pairs_of(pairs: Iterable[Pairs], reader: UUID) -> list[Pairs]:
    """Those in which one reader took part, that reader's opinion first."""
    return [
        one if one.readers[0] == reader else Pairs(
            one.readers[::-1], one.blind, one.before[::-1], one.signed[::-1], one.n
        )
        for one in pairs
        if reader in one.readers
    ]  # fmt: skip


def agreement(pairs: Iterable[Pairs]) -> Agreement:
    """Overall, on malignancy (benign or not), and for each kind against the rest."""
    pairs = list(pairs)
    blind = [one for one in pairs if one.blind]
    before, signed = _kinds(blind, "before"), _kinds(pairs, "signed")
    named: Counter[Kind] = Counter()
    for both, n in (before + signed).items():
        named.update(dict.fromkeys(both, n))
    return Agreement(
        pairs=sum(one.n for one in pairs),
        not_blind=sum(one.n for one in pairs if not one.blind),
        diagnosis=(kappa_figure(before), kappa_figure(signed)),
        malignancy=(
            kappa_figure(_suspicions(blind, "before")),
            kappa_figure(_suspicions(pairs, "signed")),
        ),
        kinds={
            kind: (class_kappa_figure(before, kind), class_kappa_figure(signed, kind))
            for kind, _ in named.most_common()
        },
    )


def _standing(reading: str) -> Subquery:
    """The diagnosis that counts within a reading of the same lesion."""
    reads = Read.objects.filter(reading=OuterRef(reading), lesion=OuterRef("lesion"), stands=True)
    return Subquery(reads.order_by().values("diagnosis")[:1])


def _kinds(pairs: Iterable[Pairs], when: str) -> Counter[tuple[Kind, Kind]]:
    found: Counter[tuple[Kind, Kind]] = Counter()
    for one in pairs:
        first, second = getattr(one, when)
        found[first.kind, second.kind] += one.n
    return found


def _suspicions(pairs: Iterable[Pairs], when: str) -> Counter[tuple[bool, bool]]:
    found: Counter[tuple[bool, bool]] = Counter()
    for one in pairs:
        first, second = getattr(one, when)
        found[first.is_suspicious, second.is_suspicious] += one.n
    return found
