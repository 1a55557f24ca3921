"""The model card's sections of figures: what was measured, on which images, how surely."""

from collections.abc import Mapping
from typing import Any

from inference.training.card_tables import number, table, with_interval

Figures = Mapping[str, Any]
SMALLEST_GROUP = 50  # validation images of a group that the card shows
GROUPS = {"dx_type": "How the diagnosis was made", "age": "Age", "sex": "Sex", "site": "Body site"}


def results(metadata: Figures, validation: Figures, test: Figures) -> str:
    rows = [
        ("images (lesions)", *(f"{r['images']} ({r['lesions']})" for r in (validation, test))),
        *(
            (name, with_interval(validation, key), with_interval(test, key))
            for name, key in (
                ("balanced accuracy of the class called", "balanced_accuracy"),
                ("accuracy of the class called", "accuracy"),
                ("macro AUC", "macro_auc"),
                ("AUC of malignancy", "malignancy_auc"),
                ("calibration error (ECE) of the likeliest class", "ece"),
                ("calibration error (ECE) of malignancy", "malignancy_ece"),
                ("Brier score", "brier"),
            )
        ),
    ]
    for position, point in enumerate(validation["operating_points"]):
        threshold = point["malignancy_threshold"]
        rows += [
            (
                f"malignancy ≥ {threshold:.3f}: {measure}",
                with_interval(point, measure),
                with_interval(test["operating_points"][position], measure),
            )
            for measure in ("sensitivity", "specificity", "ppv", "npv")
        ]
    elsewhere = metadata["metrics"]["cross_fitted"]["calibration"]
    return f"""## What it reached
Measured on two parts of the data that share no lesion, and no near-duplicate image, with the
training part or with each other. **Calibration and thresholds were fitted on the validation part**,
so its calibration and its sensitivities are optimistic; nothing was fitted on the test part. In
brackets: 95 % intervals from resampling lesions. Test-time augmentation:
{metadata["test_time_augmentation"]}.

{table(("", "validation", "test"), rows)}

Fitted on four fifths of the validation lesions and measured on the last fifth, the calibration
error is {elsewhere["ece"]:.3f} for the likeliest class and {elsewhere["malignancy_ece"]:.3f} for
malignancy. Perfect probabilities would show {elsewhere["ece_if_perfect"]:.3f} and
{elsewhere["malignancy_ece_if_perfect"]:.3f} on as many images, by chance alone."""


def per_class(validation: Figures, test: Figures) -> str:
    measures = ("auc", "sensitivity", "specificity", "ppv")
    rows = [
        (
            f"`{code}`, {part}",
            str(figures["images"]),
            *(with_interval(figures, m) for m in measures),
        )
        for code in validation["per_class"]
        for part, figures in (
            ("validation", validation["per_class"][code]),
            ("test", test["per_class"][code]),
        )
    ]
    fewest = min(validation["per_class"].values(), key=lambda figures: int(figures["images"]))
    return f"""## By class
{table(("class", "images", "AUC", "sensitivity", "specificity", "PPV"), rows)}

Sensitivity, specificity and PPV are those of the class called. The rarest class has
{fewest["images"]} validation images: one more or less moves its figures by several points."""


def plausible_sets(metadata: Figures, validation: Figures, test: Figures) -> str:
    here, there = validation["conformal"], test["conformal"]
    elsewhere = metadata["metrics"]["cross_fitted"]["conformal"]["by_class"]
    rows = [
        (
            f"`{code}`",
            f"{number(elsewhere[code]['coverage'])} ({elsewhere[code]['images']} images)",
            with_interval(there["by_class"].get(code, {}), "coverage"),
            f"{values['mean_size']:.2f}",
        )
        for code, values in here["by_class"].items()
    ]
    header = ("class", "validation, other lesions", "test", "classes in a set")
    return f"""## Plausible classes
With each answer comes the set of classes that cannot be ruled out: conformal sets, meant to hold
the true class in {here["promised"]:.0%} of the images of every class. The second column was fitted
on four fifths of the validation lesions and measured on the last, over and over: what the method
keeps on average. A single part of so few images, such as the test part, strays from it: with 50
images of a class by 0.04 or more. A set has {here["mean_size"]:.2f} classes on validation and
{there["mean_size"]:.2f} on test, on average.

{table(header, rows)}"""


def unlike_images(metadata: Figures) -> list[str]:
    """The section on images that are no dermoscopy, where the package has a measure of them."""
    measure = metadata.get("out_of_distribution")
    if not measure:
        return []
    energy = measure.get("auroc_alone", {}).get("energy")
    rows = [
        (
            kind,
            number(auroc),
            f"{measure['flagged'][kind]:.0%}",
            *([number(energy[kind])] if energy else []),
        )
        for kind, auroc in measure["auroc"].items()
    ]
    header = ("kind of image", "AUROC", "flagged", *(["AUROC of the energy"] if energy else []))
    how = "how far its features leave the directions in which training images vary"
    if measure["method"] == "feature_residual_and_bare_skin":
        how += ", or how sure a classifier is that it shows skin without a lesion"
    return [
        f"""## Images unlike its training images
Each answer comes with the image's strangeness: {how}. Above 1 the answer should not be read at all.
That happens for {1 - measure["kept_of_validation"]:.1%} of the validation images. Measured against
generated images, not against photographs of other things, which may be told apart less well. The
energy of the answer, the usual measure, is shown beside and not used.

{table(header, rows)}"""
    ]


def on_images_from_elsewhere(metadata: Figures) -> list[str]:
    reports = metadata["metrics"]["elsewhere"]
    if not reports:
        return []
    rows = [
        (
            place,
            str(report["images"]),
            with_interval(report, "balanced_accuracy"),
            with_interval(report, "malignancy_auc"),
            *(
                f"{number(point['sensitivity'])} / {number(point['specificity'])}"
                for point in report["operating_points"]
            ),
        )
        for place, report in reports.items()
    ]
    thresholds = [
        f"sensitivity / specificity at ≥ {point['malignancy_threshold']:.3f}"
        for point in metadata["operating_points"]
    ]
    header = ("images from", "images", "balanced accuracy", "AUC of malignancy", *thresholds)
    return [
        f"""## On images from elsewhere
Other cameras, other framing, other lesions, with the same weights. **Expect figures like these, not
those above, wherever the images are not like the training images.** Balanced accuracy is over the
classes that the images have.

{table(header, rows)}"""
    ]


def split_gap(metadata: Figures) -> list[str]:
    gap = metadata["metrics"].get("split_gap")
    if not gap:
        return []
    rows = [
        (name, number(part["balanced_accuracy"]), number(part["macro_auc"]))
        for name, part in (("lesion", gap["lesion_split"]), ("image", gap["image_split"]))
    ]
    share = gap["image_split"]["images_with_their_lesion_in_training"]
    return [
        f"""## What another split would have feigned
A random split by image puts {share:.0%} of the held-out images beside another picture of the same
lesion in training. The same recipe (settings in the metadata) then seems better than it is:

{table(("split by", "balanced accuracy", "macro AUC"), rows)}"""
    ]


def subgroups(validation: Figures, test: Figures) -> str:
    """One table a grouping: images, and sensitivity and specificity at the first threshold.

    Groups of fewer than 50 validation images are left to the metadata.
    """
    header = ("images", "malignant", "AUC of malignancy", "sensitivity", "specificity")
    tables = []
    for key, title in GROUPS.items():
        rows = [
            (f"{value}, {name}", *_group(part["subgroups"][key][value]))
            for value, figures in validation["subgroups"].get(key, {}).items()
            for name, part in (("validation", validation), ("test", test))
            if value in part["subgroups"].get(key, {}) and figures["images"] >= SMALLEST_GROUP
        ]
        if rows:
            tables.append(table((title, *header), rows))
    return "\n\n".join(tables)


def _group(figures: Figures) -> tuple[str, ...]:
    point = (figures.get("operating_points") or [{}])[0]
    return (
        str(figures["images"]),
        str(figures["malignant_images"]),
        with_interval(figures, "malignancy_auc"),
        with_interval(point, "sensitivity"),
        with_interval(point, "specificity"),
    )
