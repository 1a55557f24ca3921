"""What the pages of statistics write into their tables, which the plots are drawn from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clinic.models import ReadingRole
from clinic.selectors.statistics import Agreement, Comparison, Work, Workload
from clinic.selectors.statistics.kinds import Kind
from clinic.selectors.statistics.period import Period
from clinic.statistics.figures import Figure


@dataclass(frozen=True)
class Column:
    """Whose work it is: "You", "Northside Hospital", a reader's name."""

    label: str
    work: Work
    is_own: bool = False


@dataclass(frozen=True)
class Week:
    """Signed readings of one week. `counts` are in the order of ROLES."""

    monday: date
    counts: list[int]
    everybody: int

    @property
    def total(self) -> int:
        """Of all roles."""
        return sum(self.counts)


@dataclass(frozen=True)
class AgreementRow:
    """One kappa of every column; `kind` where it is one diagnosis against the rest."""

    label: str
    kind: Kind | None
    figures: list[Figure]


@dataclass(frozen=True)
class ScoreRow:
    """One measure of the three: reader alone, model alone, reader after seeing the model."""

    label: str
    hint: str
    figures: list[Figure]


ROLES = (
    (ReadingRole.FIRST, "First reads"),
    (ReadingRole.SECOND, "Second reads"),
    (ReadingRole.ADJUDICATION, "Adjudications"),
    (ReadingRole.AMENDMENT, "Amendments"),
)


def weekly_rows(period: Period, workload: Workload, everybody: Workload) -> list[Week]:
    """Every week of the period, also those in which nothing was signed; oldest first."""
    totals: dict[date, int] = {}
    for (monday, _), count in everybody.weekly.items():
        totals[monday] = totals.get(monday, 0) + count
    return [
        Week(monday, [workload.weekly[monday, role] for role, _ in ROLES], totals.get(monday, 0))
        for monday in period.mondays
    ]


def agreement_rows(agreements: Iterable[Agreement]) -> list[AgreementRow]:
    """Diagnosis, malignancy, then each kind that was named; two figures of each agreement."""
    columns = list(agreements)
    nothing = (Figure(0, is_too_few=True),) * 2
    kinds = dict.fromkeys(kind for column in columns[::-1] for kind in column.kinds)
    return [
        AgreementRow("Diagnosis", None, [figure for one in columns for figure in one.diagnosis]),
        AgreementRow(
            "Benign or suspicious", None, [figure for one in columns for figure in one.malignancy]
        ),
        *(
            AgreementRow(
                kind.name,
                kind,
                [figure for one in columns for figure in one.kinds.get(kind, nothing)],
            )
            for kind in kinds
        ),
    ]


def score_rows(comparison: Comparison) -> list[ScoreRow]:
    """The three measures."""
    three = (comparison.reader, comparison.model, comparison.after)
    return [
        ScoreRow(
            "Balanced accuracy",
            f"mean recall of {len(comparison.classes)} classes",
            [one.balanced_accuracy for one in three],
        ),
        ScoreRow(
            "Sensitivity for malignancy",
            "malignant lesions that were suspected",
            [one.sensitivity for one in three],
        ),
        ScoreRow(
            "Specificity for malignancy",
            "benign lesions that were not suspected",
            [one.specificity for one in three],
        ),
    ]
