"""The report's page: templates filled with figures, drawings and pictures; nothing from outside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from inference.training.report import plain_words, plots
from inference.training.report.svg import Drawing

TEMPLATES = Path(__file__).parent / "templates"
TITLES = {
    "dx_type": "How the diagnosis was made",
    "age": "Age in years",
    "sex": "Sex",
    "site": "Body site",
    "source": "Where the image is from",
}


def report_page(
    report: Mapping[str, Any],
    pictures: Mapping[str, str] | None = None,
    *,
    drawn: Mapping[str, Any] | None = None,
) -> str:
    """The report of ``evaluate_package`` as HTML.

    ``pictures`` are data URIs by image id; ``drawn`` are its ``drawings`` where they are there
    already.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "percent": percent,
        "interval": interval,
        "figure": figure,
    }
    points = report["operating_points"]
    return environment.get_template("page.html").render(
        report=report,
        pictures=pictures or {},
        drawings=drawings(report) if drawn is None else drawn,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704
        titles=TITLES,
        guessing=guessing(report),
        thresholds=plain_words.where_thresholds_come_from(report["evaluated"]["split"]),
        summary=plain_words.summary(report),
        cautions=plain_words.cautions(report),
        of_malignant=plain_words.of_malignant(points[0]) if points else None,
        of_benign=plain_words.of_benign(points[0]) if points else None,
    )


def guessing(report: Mapping[str, Any]) -> dict[str, float | None]:
    """What the main measures would be for answers that know nothing of the images.

    Accuracy: always the commonest diagnosis.
    """
    present = [row["images"] for row in report["per_class"].values() if row["images"]]
    return {
        "malignancy_auc": 0.5,
        "macro_auc": 0.5,
        "balanced_accuracy": 1 / len(present),
        "macro_f1": None,
        "accuracy": max(present) / report["images"],
    }


def drawings(report: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure that these images allow."""
    found: dict[str, Any] = {
        "roc": None,
        "coverage": None,
        "risk_coverage": plots.risk_coverage(report),
        "class_roc": [],
        "class_precision": [],
        "subgroups": {},
    }
    curves = report["curves"]
    if curves["malignancy"]:
        found["roc"] = plots.roc_of_malignancy(report)
        found["precision"] = plots.precision_of_malignancy(report)
        found["decision"] = plots.decision(report)
    for code, both in curves["by_class"].items():
        if both:
            found["class_roc"].append(plots.roc_of_class(report, code))
            found["class_precision"].append(plots.precision_of_class(report, code))
    reliability = curves["reliability"]
    found["reliability"] = [
        plots.reliability(reliability["likeliest_class"], "likeliest class", report["ece"]),
        plots.reliability(reliability["malignancy"], "malignancy", report["malignancy_ece"]),
    ]
    if report["conformal"]:
        found["coverage"] = plots.coverage_of_sets(report)
    if report["operating_points"]:
        overall = report["operating_points"][0]
        for name, groups in report["subgroups"].items():
            found["subgroups"][name] = [
                plots.by_subgroup(groups, measure, overall[measure])
                for measure in ("sensitivity", "specificity")
            ]
    return found


def number(value: float | None, places: int = 3) -> str:
    """Counts as they are, shares to three places, a dash for what is undefined."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.{places}f}"


def percent(value: float | None) -> str:
    """A share as a whole number of percent."""
    return "–" if value is None else f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def interval(bounds: list[float] | None, places: int = 3) -> str:
    """Both bounds, or nothing where there are none."""
    return f"{bounds[0]:.{places}f} to {bounds[1]:.{places}f}" if bounds else ""


def figure(drawing: Drawing) -> Markup:
    """The drawing as it is: its text was escaped when it was made."""
    return Markup(drawing.svg)  # noqa: S704
