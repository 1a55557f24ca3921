"""An evaluation report as one self-contained page that prints well."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #ccc; text-align: right; }
th:first-child, td:first-child { text-align: left; }
td.shaded { background: color-mix(in srgb, #1f6fb4 var(--share), #fff); }
@media print { body { margin: 0; max-width: none; } table { break-inside: avoid; } }
"""
MEASURES = (
    ("Balanced accuracy", "balanced_accuracy"),
    ("Macro AUC", "macro_auc"),
    ("AUC of malignancy", "malignancy_auc"),
    ("Accuracy", "accuracy"),
    ("ECE of the likeliest class", "ece"),
    ("ECE of malignancy", "malignancy_ece"),
    ("Brier score", "brier"),
)


def report_page(report: Mapping[str, Any]) -> str:
    """The report of ``evaluate_package`` as HTML."""
    package = report["package"]
    title = f"Evaluation of {package['name']} {package['version']}"
    sections = [
        f"<h1>{escape(title)}</h1>",
        _opening(report),
        *_said(report),
        _table("Measures", ("", "value", "95 % interval"), _measures(report)),
        _operating_points("Operating points", report["operating_points"]),
        _per_class(report),
        _confusion(report),
        *_coverage(report),
        *(_subgroup(name, groups) for name, groups in report["subgroups"].items()),
    ]
    body = "\n".join(sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def _opening(report: Mapping[str, Any]) -> str:
    return (
        f"<p>{report['images']} images of {report['lesions']} lesions. Intervals are 95 %, from "
        f"resampling lesions. Runtime {escape(report['runtime'])}, package digest "
        f"<code>{escape(report['package']['digest'])}</code>.</p>"
    )


def _said(report: Mapping[str, Any]) -> list[str]:
    """What was left out, said before any number."""
    notes = []
    for label, count in report["labels_unknown_to_the_model"].items():
        notes.append(f"{count} images labelled {label} were left out: no class of this model.")
    if report["classes_without_images"]:
        absent = ", ".join(report["classes_without_images"])
        notes.append(f"No image is labelled {absent}: left out of the averages.")
    if report["images_that_cannot_be_decoded"]:
        notes.append(f"{report['images_that_cannot_be_decoded']} images cannot be decoded.")
    return [f"<p>{escape(note)}</p>" for note in notes]


def _measures(report: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (name, _number(report[key]), _interval(report.get(f"{key}_interval")))
        for name, key in MEASURES
    ]


def _operating_points(caption: str, points: Sequence[Mapping[str, Any]]) -> str:
    keys = ("sensitivity", "specificity", "ppv", "npv", "number_needed_to_biopsy")
    rows = [
        (
            f"{point['name']} (malignancy ≥ {point['malignancy_threshold']:.3f})",
            *(_number(point[key]) for key in keys),
        )
        for point in points
    ]
    header = ("chosen on validation", "sensitivity", "specificity", "PPV", "NPV", "biopsies a find")
    return _table(caption, header, rows)


def _per_class(report: Mapping[str, Any]) -> str:
    keys = ("images", "auc", "sensitivity", "specificity", "ppv", "npv", "f1")
    rows = [
        (code, *(_number(values[key]) for key in keys))
        for code, values in report["per_class"].items()
    ]
    header = ("class", "images", "AUC", "sensitivity", "specificity", "PPV", "NPV", "F1")
    return _table("By class", header, rows)


def _confusion(report: Mapping[str, Any]) -> str:
    """Counts, shaded by their share of the true class; the number is always there to read."""
    confusion = report["confusion"]
    head = "".join(f"<th scope='col'>{escape(code)}</th>" for code in confusion)
    lines = []
    for true, counts in confusion.items():
        total = sum(counts.values()) or 1
        cells = "".join(
            f"<td class='shaded' style='--share:{round(55 * count / total)}%'>{count}</td>"
            for count in counts.values()
        )
        lines.append(f"<tr><th scope='row'>{escape(true)}</th>{cells}</tr>")
    return (
        "<table><caption>Confusion: true class by row, called by column</caption>"
        f"<tr><th></th>{head}</tr>{''.join(lines)}</table>"
    )


def _coverage(report: Mapping[str, Any]) -> list[str]:
    sets = report["conformal"]
    if not sets:
        return []
    rows = [
        (code, *(_number(values[key]) for key in ("images", "coverage", "mean_size")))
        for code, values in sets["by_class"].items()
    ]
    rows.append(
        ("all", str(report["images"]), _number(sets["coverage"]), _number(sets["mean_size"]))
    )
    caption = (
        f"Plausible classes: sets meant to hold the truth in {sets['promised']:.0%} of a class"
    )
    return [_table(caption, ("class", "images", "sets with the truth", "classes in a set"), rows)]


def _subgroup(name: str, groups: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            value,
            *(
                _number(group.get(key))
                for key in ("images", "malignant_images", "balanced_accuracy", "accuracy")
            ),
            _number(group.get("malignancy_auc")),
            _interval(group.get("malignancy_auc_interval")),
        )
        for value, group in groups.items()
    ]
    header = (
        name,
        "images",
        "malignant",
        "balanced accuracy",
        "accuracy",
        "AUC of malignancy",
        "95 % interval",
    )
    return _table(f"By {name}", header, rows)


def _table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in header)
    body = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _interval(bounds: Sequence[float] | None) -> str:
    return f"{bounds[0]:.3f} to {bounds[1]:.3f}" if bounds else "–"
