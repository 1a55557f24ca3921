"""The first page: what the figures mean, for a clinician who has a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.training.subgroups import SMALLEST, UNKNOWN

FEW_IMAGES = 50  # of a kind, below which a share is hardly known
MANY_FLAGGED = 0.05
HISTOLOGY = ("histo", "histopathology")  # as HAM10000 and the ISIC Archive call it
CLINIC = 0.05  # of lesions malignant: fewer than in most collections of images
STUDY = (
    "This is a measurement of software on stored images, not a clinical study, and no medical "
    "device was tested."
)
Json = Mapping[str, Any]


@dataclass(frozen=True)
class OutOfHundred:
    """A count out of a hundred, for a sentence and a picture of a hundred dots."""

    count: int
    sentence: str
    between: str


def of_malignant(point: Json) -> OutOfHundred | None:
    """Of a hundred images of malignant lesions, those marked at an operating point."""
    return _of_hundred(point, "sensitivity", "images of malignant lesions it marks {count}")


def of_benign(point: Json) -> OutOfHundred | None:
    """Of a hundred images of benign lesions, those marked for nothing."""
    return _of_hundred(
        point, "specificity", "images of benign lesions it marks {count} for nothing", turned=True
    )


def _of_hundred(
    point: Json, measure: str, words: str, *, turned: bool = False
) -> OutOfHundred | None:
    if point[measure] is None:
        return None
    bounds = point[f"{measure}_interval"] or [point[measure]] * 2
    low, value, high = (
        round(100 * (1 - share if turned else share))
        for share in (bounds[turned], point[measure], bounds[not turned])
    )
    extent = f"from {low} to {high}" if point[f"{measure}_interval"] else ""
    return OutOfHundred(value, f"Of 100 {words.format(count=value)}.", extent)


def summary(report: Json) -> list[str]:
    """A few sentences, each with the count it rests on."""
    sentences = (_marked(report), _named(report), _sets(report), _honest(report))
    return [sentence for sentence in sentences if sentence]


def _marked(report: Json) -> str:
    if not report["operating_points"]:
        return ""
    point = report["operating_points"][0]
    if point["ppv"] is None:
        return ""
    marked = point["found"] + point["false_alarms"]
    share = report["malignant_images"] / report["images"]
    sentence = (
        f"Of the {marked} images it marks, {point['found']} are of malignant lesions "
        f"({_percent(point['ppv'])}). That is among these images, of which {_percent(share)} are "
        f"malignant"
    )
    elsewhere = [row["ppv"] for row in point["at_prevalence"] if row["prevalence"] == CLINIC]
    if not elsewhere or elsewhere[0] is None:
        return f"{sentence}."
    return (
        f"{sentence}; where {_percent(CLINIC)} of lesions are, it would be "
        f"{_percent(elsewhere[0])}."
    )


def _named(report: Json) -> str:
    present = sum(row["images"] > 0 for row in report["per_class"].values())
    return (
        f"It names the right one of {len(report['per_class'])} diagnoses for "
        f"{_percent(report['accuracy'])} of the {report['images']} images; counting each of the "
        f"{present} diagnoses present alike, {_percent(report['balanced_accuracy'])}."
    )


def _sets(report: Json) -> str:
    sets = report["conformal"]
    if not sets:
        return ""
    return (
        f"Its list of plausible diagnoses holds the true one for {_percent(sets['coverage'])} of "
        f"the images (promised: {_percent(sets['promised'])}) and is {sets['mean_size']:.1f} "
        f"long on average."
    )


def _honest(report: Json) -> str:
    return (
        f"The probability it gives its likeliest diagnosis is {_points(report['ece'])} off on "
        f"average; that of malignancy as a whole, {_points(report['malignancy_ece'])}."
    )


def cautions(report: Json) -> list[str]:
    """What should keep a reader from taking the figures for more than they are."""
    sentences = (
        STUDY,
        _where_it_was_seen(report["evaluated"]["split"]),
        _few("malignant", report["malignant_images"]),
        _few("benign", report["images"] - report["malignant_images"]),
        _weakest_class(report),
        _weakest_group(report),
        _histology(report),
        _unlike(report["out_of_distribution"]),
    )
    return [sentence for sentence in sentences if sentence]


def _where_it_was_seen(split: Json | None) -> str:
    if split is None:
        return "Nothing here can tell whether the model was trained on some of these images."
    if split["part"] == "train":
        return "These are the images of a training part: the figures say nothing of new ones."
    if not split["is_the_packages_own"]:
        return "The split is not the one that the model was trained with: it may know the images."
    if split["part"] == "validation":
        return "Calibration and thresholds were fitted on these very images: it looks too good."
    return (
        "The images share no lesion with those the model was trained and tuned on, but come from "
        "the same collection: elsewhere expect less."
    )


def where_thresholds_come_from(split: Json | None) -> str:
    """Whether the operating points were fixed on the images they are measured on."""
    same = split is not None and split["is_the_packages_own"] and split["part"] == "validation"
    return "fixed on these very images" if same else "fixed on other images"


def _few(kind: str, images: int) -> str:
    if images >= FEW_IMAGES:
        return ""
    return (
        f"Only {images} images are of {kind} lesions: what is said of them is little more than a "
        f"guess, see the intervals."
    )


def _weakest_class(report: Json) -> str:
    """The malignant class most often not marked at the first operating point."""
    if not report["operating_points"]:
        return ""
    package, marked = report["package"], report["operating_points"][0]["marked_by_class"]
    malignant = {
        code: row
        for code, row in marked.items()
        if code in package["malignant_classes"] and row["images"] >= SMALLEST
    }
    if len(malignant) < 2:
        return ""
    code, row = min(malignant.items(), key=lambda item: item[1]["marked"])
    return (
        f"Of the malignant diagnoses it misses most of {package['classes'][code]} ({code}): "
        f"{_percent(row['marked'])} of {row['images']} images are "
        f"marked{_extent(row['marked_interval'])}."
    )


def _weakest_group(report: Json) -> str:
    """The group, not a small one, in which most malignant images are missed."""
    measured = [
        (name, value, group["malignant_images"], group["operating_points"][0])
        for name, groups in report["subgroups"].items()
        for value, group in groups.items()
        if not group["small"] and value != UNKNOWN and group.get("operating_points")
    ]
    if len(measured) < 2:
        return ""
    name, value, images, point = min(measured, key=lambda row: row[3]["sensitivity"])
    return (
        f"Of the larger groups it finds least in {GROUP_WORDS.get(name, name)} {value}: "
        f"{_percent(point['sensitivity'])} of {images} malignant "
        f"images{_extent(point['sensitivity_interval'])}."
    )


def _histology(report: Json) -> str:
    ways = report["subgroups"].get("dx_type", {})
    if not ways:
        return "The labels do not say how each diagnosis was made."
    confirmed = next((ways[name] for name in HISTOLOGY if name in ways), {"images": 0})
    if confirmed["images"] == report["images"]:
        return ""
    sentence = (
        f"{_percent(confirmed['images'] / report['images'])} of the labels are known to be "
        f"confirmed by histology; the others may be opinions, often of easier lesions."
    )
    alone, together = confirmed.get("malignancy_auc"), report["malignancy_auc"]
    if alone is None or together is None:
        return sentence
    return (
        f"{sentence} AUC of malignancy on the confirmed alone {alone:.2f}, on all {together:.2f}."
    )


def _unlike(unlike: Json | None) -> str:
    if not unlike or unlike["share"] <= MANY_FLAGGED:
        return ""
    return (
        f"{_percent(unlike['share'])} of the images are unlike those it was trained on: in "
        f"service it would warn against reading its answer."
    )


GROUP_WORDS = {
    "dx_type": "diagnoses made by",
    "age": "ages",
    "sex": "sex",
    "site": "body site",
    "source": "images from",
}


def _extent(interval: list[float] | None) -> str:
    return f" (from {_percent(interval[0])} to {_percent(interval[1])})" if interval else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def _points(error: float) -> str:
    points = f"{100 * error:.0f}"
    return f"{points} percentage point{'' if points == '1' else 's'}"
