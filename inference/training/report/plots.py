"""The report's figures. Lines differ by style and marker before colour (Okabe and Ito's), so they
can be told apart in black-and-white print and with any colour vision.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inference.training.report.svg import SETTINGS, Drawing, draw
from inference.training.subgroups import FEW

BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#595959"
POINT_MARKERS = ("o", "s", "D", "^")
SHARE = (-0.02, 1.02)
FEW_IN_BIN = 10
Json = Mapping[str, Any]


def _styled(plot: Callable[..., Drawing]) -> Callable[..., Drawing]:
    """Draw with the report's settings: artists read them when they are made."""

    @wraps(plot)
    def with_settings(*arguments: Any, **options: Any) -> Drawing:
        with mpl.rc_context(SETTINGS):
            return plot(*arguments, **options)

    return with_settings


@_styled
def roc_of_malignancy(report: Json) -> Drawing:
    """Sensitivity against false alarms, with the package's operating points."""
    figure, axes = _panel("share of benign images marked (1 - specificity)", "sensitivity")
    points = report["curves"]["malignancy"]["roc"]
    axes.plot(points["false_positive_rate"], points["sensitivity"], color=BLUE)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
    for marker, point in zip(POINT_MARKERS, report["operating_points"], strict=False):
        axes.plot(
            1 - point["specificity"],
            point["sensitivity"],
            marker,
            color=VERMILION,
            markeredgecolor="black",
            label=f"at {point['name']}",
        )
    axes.legend(loc="lower right", title="fixed on validation")
    return draw(figure, f"ROC curve of malignancy; area {_said(report, 'malignancy_auc')}.")


@_styled
def precision_of_malignancy(report: Json) -> Drawing:
    """Positive predictive value against sensitivity."""
    figure, axes = _panel("sensitivity", "PPV: share of marked images that is malignant")
    points = report["curves"]["malignancy"]["precision_recall"]
    share = report["malignant_images"] / report["images"]
    axes.step(points["recall"], points["precision"], color=BLUE, where="pre")
    axes.axhline(share, color=GREY, linestyle=":", linewidth=1)
    axes.annotate("all marked", (0.02, share), va="bottom", color=GREY)
    for marker, point in zip(POINT_MARKERS, report["operating_points"], strict=False):
        if point["ppv"] is not None:
            axes.plot(
                point["sensitivity"],
                point["ppv"],
                marker,
                color=VERMILION,
                markeredgecolor="black",
            )
    area = _said(report, "malignancy_average_precision")
    return draw(figure, f"Precision-recall curve of malignancy; average precision {area}.")


@_styled
def roc_of_class(report: Json, code: str) -> Drawing:
    """One class against the rest."""
    figure, axes = _panel("1 - specificity", "sensitivity", side=2.2)
    points = report["curves"]["by_class"][code]["roc"]
    axes.plot(points["false_positive_rate"], points["sensitivity"], color=BLUE)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
    figures = report["per_class"][code]
    axes.set_title(f"{code} (n = {figures['images']})\nAUC {_text(figures['auc'])}")
    return draw(figure, f"ROC curve of {code}; area {_said(figures, 'auc')}.")


@_styled
def precision_of_class(report: Json, code: str) -> Drawing:
    """One class against the rest."""
    figure, axes = _panel("recall (sensitivity)", "precision (PPV)", side=2.2)
    points = report["curves"]["by_class"][code]["precision_recall"]
    figures = report["per_class"][code]
    axes.step(points["recall"], points["precision"], color=BLUE, where="pre")
    axes.axhline(figures["images"] / report["images"], color=GREY, linestyle=":", linewidth=1)
    axes.set_title(f"{code} (n = {figures['images']})\nAP {_text(figures['average_precision'])}")
    return draw(
        figure,
        f"Precision-recall curve of {code}; average precision "
        f"{_said(figures, 'average_precision')}.",
    )


@_styled
def reliability(bins: Sequence[Json], what: str, error: float) -> Drawing:
    """What was said against what was so, above how often it was said."""
    figure = Figure(figsize=(3.7, 4.3), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="perfect")
    said, so = [row["said"] for row in bins], [row["so"] for row in bins]
    above.plot(said, so, color=BLUE, linewidth=1)
    for row in bins:
        if row["so_interval"]:
            above.plot([row["said"]] * 2, row["so_interval"], color=BLUE, linewidth=1)
        few = row["images"] < FEW_IN_BIN
        above.plot(
            row["said"], row["so"], "o", color="white" if few else BLUE, markeredgecolor=BLUE
        )
    above.set(xlim=SHARE, ylim=SHARE, ylabel="so it was (share of images)")
    below.bar(
        [(row["from"] + row["to"]) / 2 for row in bins],
        [row["images"] for row in bins],
        width=0.085,
        color="#bdd7e7",
        edgecolor=BLUE,
    )
    for row in bins:
        centre = (row["from"] + row["to"]) / 2
        below.annotate(
            str(row["images"]), (centre, row["images"]), ha="center", va="bottom", size=7
        )
    below.margins(y=0.3)
    below.set(xlabel=f"said: {what}", ylabel="images")
    below.grid(visible=False)
    return draw(figure, f"Reliability diagram of {what}; calibration error {error:.3f}.")


@_styled
def risk_coverage(report: Json) -> Drawing:
    """The error among the surest share of the images."""
    figure, axes = _panel("share of the images answered, surest first", "share of these wrong")
    points = report["curves"]["risk_coverage"]
    axes.plot(points["coverage"], points["risk"], color=BLUE)
    axes.set_ylim(0, max(0.05, 1.15 * max(points["risk"])))
    area = _said(report["risk_coverage"], "area")
    return draw(figure, f"Risk-coverage curve; its area is {area}.")


@_styled
def decision(report: Json) -> Drawing:
    """Net benefit against marking all and marking none."""
    figure, axes = _panel("malignancy from which one would act", "net benefit (per image)")
    curve = report["curves"]["decision"]
    threshold = curve["threshold"]
    axes.fill_between(
        threshold, curve["net_benefit_low"], curve["net_benefit_high"], color="#bdd7e7", linewidth=0
    )
    axes.plot(threshold, curve["net_benefit"], color=BLUE, label="this model")
    axes.plot(threshold, curve["act_on_all"], color="black", linestyle="--", label="act on all")
    axes.axhline(0, color="black", linestyle=":", linewidth=1.2, label="act on none")
    highest = max(curve["net_benefit_high"])
    axes.set(xlim=(0, threshold[-1]), ylim=(-0.15 * highest, 1.1 * highest or 1))
    axes.legend(loc="upper right")
    return draw(figure, "Decision curve: net benefit of acting on the model, on all and on none.")


@_styled
def coverage_of_sets(report: Json) -> Drawing:
    """How often each class's sets hold the truth, beside the promise."""
    sets = report["conformal"]
    rows = [
        (f"{code} (n = {row['images']})", row["coverage"], row["coverage_interval"], False)
        for code, row in sets["by_class"].items()
    ]
    figure = _rows(rows, "share of sets that hold the true class", line=sets["promised"])
    worst = min(sets["by_class"], key=lambda code: sets["by_class"][code]["coverage"])
    return draw(figure, f"Coverage of the sets by class, lowest for {worst}.")


@_styled
def by_subgroup(groups: Mapping[str, Json], measure: str, overall: float | None) -> Drawing:
    """Sensitivity or specificity at the first operating point, one line a group."""
    rows = []
    for value, group in groups.items():
        counted = group["malignant_images"]
        if measure == "specificity":
            counted = group["images"] - counted
        point = (group.get("operating_points") or [{}])[0]
        rows.append(
            (
                f"{value} (n = {counted})",
                point.get(measure),
                point.get(f"{measure}_interval"),
                counted < FEW,
            )
        )
    figure = _rows(rows, measure, line=overall)
    return draw(figure, f"{measure.capitalize()} by group with intervals; figures in the table.")


def _rows(
    rows: Sequence[tuple[str, float | None, Sequence[float] | None, bool]],
    label: str,
    *,
    line: float | None,
) -> Figure:
    """Points with intervals, one below the other; hollow where a group is small."""
    figure = Figure(figsize=(3.9, 0.75 + 0.24 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, (_, value, interval, small) in enumerate(rows):
        if value is None:
            axes.annotate("not measured", (0.5, place), ha="center", va="center", color=GREY)
            continue
        if interval:
            axes.plot(interval, [place, place], color=BLUE, linestyle="--" if small else "-")
        axes.plot(value, place, "o", color="white" if small else BLUE, markeredgecolor=BLUE)
    if line is not None:
        axes.axvline(line, color="black", linestyle=":", linewidth=1.2)
    axes.set(xlim=SHARE, ylim=(len(rows) - 0.5, -0.5), xlabel=label)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.grid(visible=False, axis="y")
    return figure


def _panel(x: str, y: str, *, side: float = 3.7) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=SHARE, ylim=SHARE, xlabel=x, ylabel=y)
    return figure, axes


def _said(figures: Json, name: str) -> str:
    bounds = figures.get(f"{name}_interval")
    extent = f" (95 % interval {bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
    return f"{_text(figures[name])}{extent}"


def _text(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
