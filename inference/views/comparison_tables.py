"""A comparison's report as the rows of its page: words, written figures, places in drawings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic.datasets.description import LabelSource
from clinic.models import BodySite, ImageKind, Sex
from inference.models import Comparison
from inference.views.forest import Line, Scale

NOTHING = "–"
MEASURES = {
    "balanced_accuracy": ("Balanced accuracy", "of the class called, every class alike"),
    "sensitivity": ("Sensitivity for malignancy", "each at its own operating point"),
    "specificity": ("Specificity for malignancy", "each at its own operating point"),
    "malignancy_auc": ("AUC of malignancy", "how well it ranks"),
    "macro_auc": ("Macro AUC", "the classes that both know"),
    "brier": ("Brier score of malignancy", "lower is better"),
    "calibration": ("Calibration error of malignancy", "lower is better"),
}
SHARES = {"balanced_accuracy", "sensitivity", "specificity"}
GROUPS = {
    "organisation": "Organisation", "sex": "Sex", "age": "Age", "skin_type": "Fitzpatrick type",
    "body_site": "Body site", "image_kind": "Kind of image", "label_source": "Source of the label",
}  # fmt: skip
SOURCES: dict[str, str] = {
    LabelSource.PATHOLOGY: "Pathology", LabelSource.ADJUDICATION: "Adjudication",
    LabelSource.CONCORDANT: "Two reads agree", LabelSource.SINGLE: "One read",
}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "sex": dict(Sex.choices),
    "body_site": dict(BodySite.choices),
    "image_kind": dict(ImageKind.choices),
    "label_source": SOURCES,
}
# What it means for a patient that the new model takes the old one's place: icon, word, meaning.
CONSEQUENCES = {
    "missed": ("bi-exclamation-octagon-fill", "Malignant, no longer found", "malignant"),
    "found": ("bi-check-circle-fill", "Malignant, now found", "benign"),
    "false_alarm": ("bi-bell", "Benign, now called suspicious", "indeterminate"),
    "spared": ("bi-bell-slash", "Benign, no longer called suspicious", "benign"),
    "class_lost": ("bi-dash-circle", "Diagnosis right before, wrong now", "unknown"),
    "class_won": ("bi-plus-circle", "Diagnosis wrong before, right now", "unknown"),
    "both_wrong": ("bi-x-circle", "Both wrong, in different ways", "unknown"),
}


@dataclass(frozen=True)
class Row:
    """One measure. `verdict` is passed, failed, or empty where the measure decides nothing."""

    label: str
    hint: str
    images: int
    candidate: str
    candidate_interval: str
    champion: str
    champion_interval: str
    difference: str
    difference_interval: str
    margin: str
    verdict: str
    line: Line | None


@dataclass(frozen=True)
class GroupRow:
    """One subgroup with the two measures that decide."""

    label: str
    value: str
    images: int
    patients: int
    malignant: int
    cells: list[dict[str, Any]]


def measure_rows(comparison: Comparison) -> tuple[list[Row], Scale]:
    """The table of measures, and the scale of its drawings."""
    figures = comparison.report["measures"]
    scale = Scale(figures)
    return [_row(figure, *MEASURES[figure["key"]], scale) for figure in figures], scale


def recall_rows(comparison: Comparison, names: Mapping[str, str]) -> tuple[list[Row], Scale]:
    """How much of each class is called so."""
    figures = [{**figure, "key": "sensitivity"} for figure in comparison.report["recalls"]]
    scale = Scale(figures)
    rows = [
        _row(figure, names.get(figure["label"], figure["label"]), "", scale) for figure in figures
    ]
    return rows, scale


def group_rows(comparison: Comparison) -> list[GroupRow]:
    """Every group, with what was tested marked."""
    return [
        GroupRow(
            label=GROUPS[group["by"]],
            value=WORDS.get(group["by"], {}).get(group["value"], group["value"]),
            images=group["images"],
            patients=group["patients"],
            malignant=group["malignant"],
            cells=[_cell(group[key]) for key in ("balanced_accuracy", "sensitivity")],
        )
        for group in comparison.report["subgroups"]
    ]


def consequences(comparison: Comparison) -> list[dict[str, Any]]:
    """How many images of each kind of difference, those without any left out."""
    counts = comparison.report["differing"]["counts"]
    return [
        {"icon": icon, "word": word, "meaning": meaning, "count": counts[key]}
        for key, (icon, word, meaning) in CONSEQUENCES.items()
        if counts.get(key)
    ]


def class_names(comparison: Comparison) -> dict[str, str]:
    """The classes' names by code, as the models have them."""
    return {
        kind["code"]: kind["name"]
        for version in (comparison.candidate, comparison.champion)
        for kind in version.classes
    }


def _row(figure: Mapping[str, Any], label: str, hint: str, scale: Scale) -> Row:
    is_share = figure["key"] in SHARES
    margin, lower = figure.get("margin"), figure["difference_lower"]
    verdict = ""
    if margin:
        verdict = "passed" if lower is not None and lower > -margin else "failed"
    return Row(
        label=label,
        hint=hint,
        images=figure["images"],
        candidate=_value(figure["candidate"], is_share=is_share),
        candidate_interval=_range(figure.get("candidate_interval"), is_share=is_share),
        champion=_value(figure["champion"], is_share=is_share),
        champion_interval=_range(figure.get("champion_interval"), is_share=is_share),
        difference=_signed(figure["difference"], is_share=is_share),
        difference_interval=_signed_range(figure["difference_interval"], is_share=is_share),
        margin=f"{100 * margin:.1f}" if margin else "",
        verdict=verdict,
        line=scale.line(figure),
    )


def _cell(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "images": figures["images"],
        "candidate": _value(figures["candidate"], is_share=True),
        "champion": _value(figures["champion"], is_share=True),
        "difference": _signed(figures["difference"], is_share=True),
        "interval": _signed_range(figures["difference_interval"], is_share=True),
        "tested": figures["tested"],
        "worse": figures["worse"],
    }


def _value(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return NOTHING
    return f"{100 * value:.1f} %" if is_share else f"{value:.3f}"


def _range(ends: list[float] | None, *, is_share: bool) -> str:
    if not ends:
        return ""
    return " to ".join(f"{100 * end:.1f}" if is_share else f"{end:.3f}" for end in ends)


def _signed(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return NOTHING
    written = f"{100 * value:+.1f}" if is_share else f"{value:+.3f}"
    # Nothing is neither more nor less.
    return written.lstrip("+-") if not float(written) else written.replace("-", "\u2212")


def _signed_range(ends: list[float] | None, *, is_share: bool) -> str:
    return " to ".join(_signed(end, is_share=is_share) for end in ends) if ends else ""
