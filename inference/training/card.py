"""The model card: what a clinician, an administrator and a reviewer should know of a package."""

from collections.abc import Mapping, Sequence
from typing import Any

HAM10000_LICENCE = "CC BY-NC 4.0 (inherited from the training images)"
LICENCE_TEXT = """\
The weights of this package were trained on images of the HAM10000 dataset, which is licensed
CC BY-NC 4.0 (https://creativecommons.org/licenses/by-nc/4.0/). They may be used under the same
licence: with attribution, and not for commercial purposes.

Tschandl, P., Rosendahl, C. and Kittler, H. The HAM10000 dataset, a large collection of
multi-source dermatoscopic images of common pigmented skin lesions. Sci. Data 5, 180161 (2018).

Where the card names starting weights: they are torchvision's ImageNet weights (BSD-3-Clause,
Copyright (c) Soumith Chintala 2016), trained on ImageNet.
"""


def model_card(
    metadata: Mapping[str, Any], validation: Mapping[str, Any], test: Mapping[str, Any]
) -> str:
    """The card in Markdown. ``validation`` and ``test`` are reports of ``evaluation.evaluate``."""
    sections = [
        f"# {metadata['name']} {metadata['version']}",
        metadata["description"],
        _intended_use(metadata),
        _results(metadata, validation, test),
        _per_class(validation, test),
        _plausible_sets(validation, test),
        _unfamiliar_images(metadata),
        *_elsewhere(metadata),
        _limits(validation, test),
        _training(metadata),
        _licence(metadata),
    ]
    return "\n\n".join(sections) + "\n"


def _intended_use(metadata: Mapping[str, Any]) -> str:
    classes = "\n".join(
        f"- `{entry['code']}`: {entry['name']} ({entry['malignancy']}"
        + (", counts as malignant)" if entry["counts_as_malignant"] else ")")
        for entry in metadata["classes"]
    )
    return f"""## Intended use
A second opinion for a clinician who has already looked at a **dermoscopic** image of one pigmented
skin lesion, and an order for a worklist. It is **not a medical device**, has not been tested in a
clinical study, and may not be the only ground for treating or not treating a person.

Not for: photographs without a dermatoscope, images without a lesion, lesions of other kinds
(it must choose among its classes), mucosa, nails, or people under treatment of the lesion.

The answer is one probability for each of these classes:
{classes}

`akiec` is called indeterminate because the training data join actinic keratosis (a precursor) and
Bowen's disease (a carcinoma in situ) under one label; the model cannot tell them apart. It counts
towards the probability of malignancy, because both want attention."""


def _results(
    metadata: Mapping[str, Any], validation: Mapping[str, Any], test: Mapping[str, Any]
) -> str:
    rows = [
        ("images (lesions)", *(f"{r['images']} ({r['lesions']})" for r in (validation, test))),
        *(
            (name, _with_interval(validation, key), _with_interval(test, key))
            for name, key in (
                ("balanced accuracy", "balanced_accuracy"),
                ("macro AUC", "macro_auc"),
                ("AUC of malignancy", "malignancy_auc"),
            )
        ),
        *(
            (name, _number(validation[key]), _number(test[key]))
            for name, key in (
                ("accuracy", "accuracy"),
                ("ECE of the likeliest class", "ece"),
                ("ECE of malignancy", "malignancy_ece"),
                ("Brier score", "brier"),
            )
        ),
    ]
    for position, point in enumerate(validation["operating_points"]):
        threshold = point["malignancy_threshold"]
        rows += [
            (
                f"malignancy ≥ {threshold:.3f}: {measure}",
                _number(point[measure]),
                _number(test["operating_points"][position][measure]),
            )
            for measure in ("sensitivity", "specificity", "ppv", "npv")
        ]
    augmentation = metadata["test_time_augmentation"]
    return f"""## What it reached
Measured on two parts of HAM10000 that share no lesion, and no near-duplicate image, with the
training part or with each other. **Calibration (class offsets, temperature) and thresholds were
fitted on the validation part**, so its calibration and its sensitivities are optimistic; nothing
was fitted on the test part. In brackets: 95 % intervals from resampling lesions.
Test-time augmentation: {augmentation}.

{_table(("", "validation", "test"), rows)}"""


def _per_class(validation: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    rows = []
    for code, here in validation["per_class"].items():
        there = test["per_class"][code]
        measures = ("images", "auc", "sensitivity", "specificity", "ppv")
        rows.append((f"`{code}`", *(f"{_number(here[m])} / {_number(there[m])}" for m in measures)))
    header = ("class", "images", "AUC", "sensitivity", "specificity", "PPV")
    return f"""## By class (validation / test)
{_table(header, rows)}

With so few images of the rare classes, one image more or less moves their sensitivity by several
points."""


def _plausible_sets(validation: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    here, there = validation["conformal"], test["conformal"]
    rows = [
        (
            f"`{code}`",
            f"{_number(values['coverage'])} / {_number(there['by_class'][code]['coverage'])}",
            f"{values['mean_size']:.2f} / {there['by_class'][code]['mean_size']:.2f}",
        )
        for code, values in here["by_class"].items()
        if code in there["by_class"]
    ]
    return f"""## Plausible classes
With each answer comes the set of classes that cannot be ruled out: conformal sets that are meant to
hold the true class in {here["promised"]:.0%} of the images of every class. Thresholds were fitted
on validation (there the promise holds by construction); the second figure is the test part. Mean
number of classes in a set: {here["mean_size"]:.2f} / {there["mean_size"]:.2f}.

{_table(("class", "sets with the true class", "classes in a set"), rows)}"""


def _unfamiliar_images(metadata: Mapping[str, Any]) -> str:
    measure = metadata["out_of_distribution"]
    rows = [
        (kind, _number(auroc), f"{measure['flagged'][kind]:.0%}")
        for kind, auroc in measure["auroc"].items()
    ]
    return f"""## Images unlike its training images
Each answer comes with a strangeness: how far the image's features leave the directions in which
training images vary. Above 1 the answer should not be read at all; that happens for
{1 - measure["kept_of_validation"]:.0%} of the validation images. Measured against generated images
(not against photographs of other things, which may be told apart less well):

{_table(("kind of image", "AUROC", "flagged"), rows)}"""


def _elsewhere(metadata: Mapping[str, Any]) -> list[str]:
    reports = metadata["metrics"]["elsewhere"]
    if not reports:
        return []
    rows = [
        (
            place,
            str(report["images"]),
            _with_interval(report, "balanced_accuracy"),
            _with_interval(report, "malignancy_auc"),
            *(
                f"{_number(point['sensitivity'])} / {_number(point['specificity'])}"
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
Other cameras, other framing, other lesions, with the same weights and thresholds. **Expect figures
like these, not those above, wherever the images are not like HAM10000's.** Balanced accuracy is
over the classes that the images have.

{_table(header, rows)}"""
    ]


def _limits(validation: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    tables = []
    for key, title in (
        ("dx_type", "How the diagnosis was made"),
        ("age", "Age"),
        ("sex", "Sex"),
    ):
        groups = validation["subgroups"].get(key, {})
        rows = [
            (
                value,
                *(
                    _number(part["subgroups"].get(key, {}).get(value, {}).get(measure))
                    for part in (validation, test)
                    for measure in ("images", "malignant_images", "malignancy_auc", "accuracy")
                ),
            )
            for value in groups
        ]
        header = (
            title,
            "images",
            "malignant",
            "malignancy AUC",
            "accuracy",
            "test images",
            "malignant",
            "malignancy AUC",
            "accuracy",
        )
        tables.append(_table(header, rows))
    joined = "\n\n".join(tables)
    return f"""## Known limits
- Every melanoma of the training data, but only 37 % of its nevi, were confirmed by histology: the
  nevi that were followed up or judged by consensus look easier, so the results over all images
  flatter the model. The row `histo` is the harder and more honest one.
- Nearly all images come from two sites (Vienna and Queensland) and from light skin. Nothing is
  known about its behaviour on dark skin; the data do not state skin types.
- HAM10000 holds no lesion of other kinds, and its mixture is not that of your clinic. The
  probabilities lie between two readings: all classes equally common, and as common as in HAM10000
  (the class offsets in the metadata say how far). They call more rare lesions than the second
  would, and so overstate malignancy: see its ECE above. The thresholds take that into account.
- The class activation map shows where the image spoke for the likeliest class, at a few dozen
  places an image; it is no outline and no proof of a reason.

{joined}"""


def _training(metadata: Mapping[str, Any]) -> str:
    training = metadata["training"]
    return f"""## How it was trained
Recipe `{training["recipe"]}`, {_length(training)}, seed {training["seed"]}, on
{training["images"]["train"]} images, in {training["seconds"]:.0f} seconds of wall clock on
{training["hardware"]} (shared with other work). Starting weights:
{training["initial_weights"] or "none"}. Network: {metadata["architecture"]["name"]}, MONAI
{metadata["monai_version"]}, PyTorch {metadata["pytorch_version"]}. Code: git revision
{training["git_revision"][:12]}.
{training["note"]}

Data digest (sha256 of the metadata file):
{training["data_digest"]}. Split digest: {training["split_digest"]}."""


def _length(training: Mapping[str, Any]) -> str:
    if "rounds" in training:
        return f"{training['rounds']} rounds of gradient boosting"
    return f"{training['epochs']} epochs"


def _licence(metadata: Mapping[str, Any]) -> str:
    return f"""## Licence and sources
{metadata["licence"]}. See the file LICENSE.

Training images: HAM10000. Tschandl, P., Rosendahl, C. and Kittler, H. The HAM10000 dataset, a
large collection of multi-source dermatoscopic images of common pigmented skin lesions. Scientific
Data 5, 180161 (2018), https://doi.org/10.1038/sdata.2018.161. CC BY-NC 4.0.

Starting weights, where named above: ImageNet ResNet-18 of torchvision, BSD-3-Clause."""


def _with_interval(report: Mapping[str, Any], key: str) -> str:
    bounds = report[f"{key}_interval"]
    extent = f" ({bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
    return f"{_number(report[key])}{extent}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
