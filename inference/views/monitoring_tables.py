"""What the monitoring page writes into its tables, which the plots are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic.statistics.figures import Figure, proportion_figure
from clinic.statistics.intervals import Estimate, Tally
from inference.models import AlertMeasure
from inference.monitoring.stability import Stability
from inference.selectors.audit import AuditAccuracy
from inference.selectors.monitoring import Monitoring
from inference.selectors.monitoring.drift import Drift, Outputs
from inference.selectors.monitoring.expected import FEATURE, SIDE
from inference.selectors.monitoring.service import Service, Volume
from inference.selectors.monitoring.signed import BANDS, Judged

NBSP = "\u00a0"
SOME, CHANGED = "some_change", "changed"
VERDICTS = {
    "stable": ("check-circle", "stable"),
    SOME: ("exclamation-circle", "some change"),
    CHANGED: ("exclamation-triangle", "changed"),
}
ORDER = {CHANGED: 0, SOME: 1, "stable": 2}


@dataclass(frozen=True)
class Card:
    """One of the five numbers: its history is a sparkline, its details stand at `anchor`."""

    label: str
    value: str
    note: str
    anchor: str
    history: Sequence[float | None]


@dataclass(frozen=True)
class ServiceRow:
    """A day or a week."""

    day: date
    volume: Volume


@dataclass(frozen=True)
class AuditRow:
    """The random share: how many cases, and how often the model is right on those signed."""

    picked: int
    signed: int
    accuracy: Figure
    balanced: Figure


@dataclass(frozen=True)
class DriftRow:
    """One measure. `icon` and `word` say what the interval says."""

    label: str
    found: Stability | None
    n: int
    icon: str
    word: str
    verdict: str
    history: Sequence[float | None]
    is_watched: bool


@dataclass(frozen=True)
class OutputRow:
    """One class: how often it was called, and how often it is in the reference."""

    label: str
    meaning: str
    figure: Figure
    expected: Estimate | None


@dataclass(frozen=True)
class WeekRow:
    """One week's answers and signed lesions."""

    monday: date
    outputs: Outputs
    signed: Judged
    agreement: Figure
    malignant: Figure


@dataclass(frozen=True)
class GroupRow:
    """Signed lesions of a band of probability or of a subgroup."""

    label: str
    judged: Judged
    agreement: Figure
    pathology: Figure
    malignant: Figure


def audit_row(found: AuditAccuracy) -> AuditRow | None:
    """What stands on the page; None where nothing was picked at random yet."""
    if not found.picked:
        return None
    return AuditRow(
        picked=found.picked,
        signed=found.signed,
        accuracy=Figure(found.lesions, found.accuracy, hits=found.right),
        balanced=Figure(found.lesions, found.balanced_accuracy),
    )


def cards(picture: Monitoring) -> list[Card]:
    """Volume, wait, failures, drift, agreement."""
    service, signed = picture.service, picture.signed
    steps, latency = list(service.steps.values()), service.whole.latency
    unit = "day" if service.is_daily else "week"
    return [
        Card(
            "Answers", f"{service.whole.answered:,}", f"by {unit}", "volume",
            [step.answered for step in steps],
        ),
        Card(
            "Wait for an answer", _seconds(latency.wait_95) if latency else "–",
            f"95th percentile of {service.whole.waited_for:,} that somebody waited for", "waits",
            [step.latency.wait_95 if step.latency else None for step in steps],
        ),
        Card(
            "Failed", _share(service.whole.failed, service.whole.finished),
            f"{service.whole.failed:,} of {service.whole.finished:,} images", "volume",
            [step.failed / step.finished if step.finished else None for step in steps],
        ),
        _drift_card(picture),
        Card(
            "Agreement", _share(signed.whole.answer.hits, signed.whole.answer.n),
            f"class called and class signed, {signed.whole.answer.n:,} lesions", "agreement",
            [one.agreement.value if one.agreement else None for one in signed.weekly.values()],
        ),
    ]  # fmt: skip


def _drift_card(picture: Monitoring) -> Card:
    """The measure that has moved furthest, by the low end of its interval."""
    watched = [one for one in picture.answers.drifts if one.whole and one.measure != SIDE]
    if not watched:
        return Card("Largest drift", "–", "too few images to say", "drift", [])
    worst = max(watched, key=lambda one: (one.whole.low, one.whole.value) if one.whole else (0, 0))
    found = worst.whole
    return Card(
        "Largest drift",
        f"{found.value:.2f}" if found else "–",
        f"stability index of {drift_label(worst.measure).lower()}",
        "drift",
        _history(worst),
    )


def service_rows(service: Service) -> list[ServiceRow]:
    """Every day or week, oldest first."""
    return [ServiceRow(day, volume) for day, volume in service.steps.items()]


def drift_rows(picture: Monitoring) -> list[DriftRow]:
    """What has changed first, then in the order of the reference."""
    rows = [_drift_row(drift) for drift in picture.answers.drifts]
    return sorted(rows, key=lambda row: (not row.is_watched, ORDER.get(row.verdict, 3)))


def _drift_row(drift: Drift) -> DriftRow:
    verdict = drift.whole.verdict if drift.whole else ""
    icon, word = VERDICTS.get(verdict, ("dash-circle", "too few images"))
    return DriftRow(
        label=drift_label(drift.measure),
        found=drift.whole,
        n=drift.n,
        icon=icon,
        word=word,
        verdict=verdict,
        history=_history(drift),
        is_watched=drift.measure != SIDE,
    )


def drift_label(measure: str) -> str:
    """A measure in words."""
    if measure == SIDE:
        return "Shorter side of the original"
    if measure.startswith(FEATURE):
        return f"Features, direction {measure.removeprefix(FEATURE)}"
    return str(AlertMeasure(measure).label)


def output_rows(picture: Monitoring) -> list[OutputRow]:
    """The model's classes in their order."""
    whole, expected = picture.answers.whole, picture.answers.expected
    total = sum(expected.called.values()) if expected else 0
    return [
        OutputRow(
            label=kind["name"],
            meaning=kind["malignancy"],
            figure=_proportion(whole.called.get(kind["code"], 0), whole.n),
            expected=_proportion(expected.called.get(kind["code"], 0), total).estimate
            if expected
            else None,
        )
        for kind in picture.scope.model.classes
    ]


def week_rows(picture: Monitoring) -> list[WeekRow]:
    """Every week, oldest first."""
    weekly = picture.signed.weekly
    return [
        WeekRow(
            monday,
            outputs,
            weekly[monday],
            proportion_figure(weekly[monday].answer),
            proportion_figure(weekly[monday].malignant),
        )
        for monday, outputs in picture.answers.weekly.items()
    ]


def reliability_rows(picture: Monitoring) -> list[GroupRow]:
    """By the probability of malignancy that was shown."""
    edges = [0.0, *BANDS, 1.0]
    return [
        _group(f"{100 * edges[band]:.0f} to {100 * edges[band + 1]:.0f}{NBSP}%", judged)
        for band, judged in picture.signed.bands.items()
    ]


def subgroup_rows(picture: Monitoring) -> list[GroupRow]:
    """Everybody first."""
    groups = {"everybody": picture.signed.whole, **picture.signed.subgroups}
    return [_group(name[:1].upper() + name[1:], judged) for name, judged in groups.items()]


def _group(label: str, judged: Judged) -> GroupRow:
    return GroupRow(
        label,
        judged,
        agreement=proportion_figure(judged.answer),
        pathology=proportion_figure(judged.pathology),
        malignant=proportion_figure(judged.malignant),
    )


def _proportion(hits: int, n: int) -> Figure:
    return proportion_figure(Tally(hits, n))


def _history(drift: Drift) -> list[float | None]:
    return [one.value if one else None for one in drift.weekly.values()]


def _share(hits: int, n: int) -> str:
    if not n:
        return "–"
    share = 100 * hits / n
    return f"{share:.1f}{NBSP}%" if 0 < share < 10 else f"{share:.0f}{NBSP}%"


def _seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f}{NBSP}s" if seconds < 10 else f"{seconds:.0f}{NBSP}s"
    if seconds < 5400:
        return f"{seconds / 60:.0f}{NBSP}min"
    return f"{seconds / 3600:.0f}{NBSP}h"
