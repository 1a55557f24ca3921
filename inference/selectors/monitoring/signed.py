"""What the model had said of lesions whose answer is signed by now: calibration and agreement.

By what was shown (`Reading.model_opinion`), so a later model rewrites nothing; and of closed cases
only, as in the picture of the work (`clinic.selectors.statistics.counted`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    DateField,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Extract, NullIf, TruncWeek
from django.utils import timezone

from clinic.models import CLOSED_STATES, Read, ReadingRole, ReadingState, ReadStage
from clinic.selectors.statistics.kinds import Kinds, Opinion
from clinic.selectors.statistics.truths import pathology
from clinic.statistics.intervals import Estimate, Tally, wilson_interval
from inference.monitoring.subgroups import SUBGROUPS, Person
from inference.selectors.monitoring.scope import Scope

# Upper edges of the bands of the reliability table.
BANDS = (0.05, 0.2, 0.5, 0.8)


@dataclass(frozen=True)
class Signed:
    """`n` lesions of one week of which all of this is the same.

    `malignancy` is the sum of the probabilities shown. `called` is the model's class, `answer` the
    class that was signed, `found` that of the pathology (None: there is none). `is_malignant` goes
    by the pathology, else by the answer; None where that is indeterminate to the model too.
    """

    week: date
    person: Person
    band: int
    called: str
    answer: str
    found: str | None
    is_malignant: bool | None
    malignancy: float
    n: int


@dataclass(frozen=True)
class Judged:
    """A group of signed lesions.

    `predicted` is the mean probability of malignancy, `malignant` how many were; `answer` and
    `pathology` how often the class called was the one signed, and the one found.
    """

    n: int
    predicted: float | None
    malignant: Tally
    answer: Tally
    pathology: Tally

    @property
    def share(self) -> Estimate | None:
        """Of malignant lesions, with Wilson's interval."""
        return wilson_interval(self.malignant)

    @property
    def agreement(self) -> Estimate | None:
        """With the signed answer, with Wilson's interval."""
        return wilson_interval(self.answer)


@dataclass(frozen=True)
class SignedFigures:
    """All, by week, by band of the probability shown, and by subgroup (those that occur)."""

    whole: Judged
    weekly: dict[date, Judged]
    bands: dict[int, Judged]
    subgroups: dict[str, Judged]


def signed_figures(scope: Scope) -> SignedFigures:
    """In two queries: the taxonomy, and the counts."""
    rows = _signed(scope)
    subgroups = {name: [row for row in rows if name in row.person.subgroups] for name in SUBGROUPS}
    return SignedFigures(
        whole=_judged(rows),
        weekly={
            monday: _judged(row for row in rows if row.week == monday)
            for monday in scope.period.mondays
        },
        bands={
            band: _judged(row for row in rows if row.band == band)
            for band in range(len(BANDS) + 1)
        },
        subgroups={name: _judged(found) for name, found in subgroups.items() if found},
    )  # fmt: skip


def _judged(rows: Iterable[Signed]) -> Judged:
    rows = list(rows)
    decided = [row for row in rows if row.is_malignant is not None]
    n = sum(row.n for row in decided)
    return Judged(
        n=sum(row.n for row in rows),
        predicted=sum(row.malignancy for row in decided) / n if n else None,
        malignant=Tally(sum(row.n for row in decided if row.is_malignant), n),
        answer=_agreed((row.called == row.answer, row.n) for row in rows if row.answer),
        pathology=_agreed((row.called == row.found, row.n) for row in rows if row.found),
    )


def _agreed(pairs: Iterable[tuple[bool, int]]) -> Tally:
    counted = list(pairs)
    return Tally(sum(n for is_hit, n in counted if is_hit), sum(n for _, n in counted))


def _signed(scope: Scope) -> list[Signed]:
    kinds = Kinds.load()
    classes = {kind["code"]: bool(kind["counts_as_malignant"]) for kind in scope.model.classes}
    return [
        Signed(
            week=timezone.localtime(week).date(),
            person=Person(sex, age, skin_type, body_site),
            band=band,
            called=called,
            answer=_class_of(kinds.by_key.get(answer), classes) or "",
            found=_class_of(kinds.by_key.get(found), classes),
            is_malignant=_is_malignant(kinds.by_key.get(found or answer), classes),
            malignancy=total,
            n=n,
        )
        for week, called, answer, found, sex, age, skin_type, body_site, band, total, n in _rows(
            scope
        )
    ]


def _class_of(opinion: Opinion | None, classes: dict[str, bool]) -> str | None:
    """The model's class for a diagnosis; None where it has none, or nothing is known."""
    return opinion.kind.code if opinion and opinion.kind.code in classes else None


def _is_malignant(truth: Opinion | None, classes: dict[str, bool]) -> bool | None:
    """Whether the model ought to have said so: an actinic keratosis counts by its class."""
    if truth is None:
        return None
    if truth.is_malignant is not None:
        return truth.is_malignant
    return True if classes.get(truth.kind.code) else None


def _rows(scope: Scope) -> Any:  # an iterator of a ValuesQuerySet's tuples
    reads = Read.objects.filter(
        reading__role=ReadingRole.FIRST,
        reading__state=ReadingState.SIGNED,
        reading__signed_at__gte=scope.period.starts_at,
        case__state__in=CLOSED_STATES,
        stage=ReadStage.FIRST,
    ).order_by()
    if scope.organisation is not None:
        reads = reads.filter(case__organisation=scope.organisation)
    answer = Read.objects.filter(
        reading=OuterRef("case__answer"), lesion=OuterRef("lesion"), stands=True
    )
    patient = "lesion__patient__"
    age = Extract(
        Func(
            Cast("reading__signed_at", DateField()), F(f"{patient}birth_date"),
            function="age", output_field=DateField(),
        ),
        "year",
    )  # fmt: skip
    return (
        reads.annotate(model=_shown("version"), chance=Cast(_shown("malignancy"), FloatField()))
        .filter(model=str(scope.model.pk), chance__isnull=False)
        .annotate(
            week=TruncWeek("reading__signed_at"),
            called=Coalesce(
                NullIf(_shown("called"), Value("", TextField())),
                _shown("likeliest"),
                Value("", TextField()),
            ),
            answered=Subquery(answer.order_by().values("diagnosis")[:1]),
            found=pathology(),
            age=Coalesce(age, F(f"{patient}approximate_age"), output_field=IntegerField()),
            band=Func(
                F("chance"), Value(list(BANDS), ArrayField(FloatField())),
                function="width_bucket", output_field=IntegerField(),
            ),
        )
        .values_list(
            "week", "called", "answered", "found", f"{patient}sex", "age",
            f"{patient}fitzpatrick_type", "lesion__body_site", "band",
        )
        .annotate(total=Sum("chance"), n=Count("pk"))
        .iterator()
    )  # fmt: skip


def _shown(key: str) -> Func:
    """Of what the reader was shown, one thing about the read's lesion, as text."""
    return Func(
        F("reading__model_opinion"),
        Cast("lesion_id", TextField()),
        Value(key),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
