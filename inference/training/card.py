"""The model card: what a clinician, an administrator and a reviewer should know of a package.

Everything in it comes from the metadata: a sentence about the model has its figure beside it.
"""

from collections.abc import Mapping
from typing import Any

from inference.training.card_figures import (
    on_images_from_elsewhere,
    per_class,
    plausible_sets,
    results,
    split_gap,
    subgroups,
    unlike_images,
)
from inference.training.lineage import lineage_lines


def model_card(
    metadata: Mapping[str, Any], validation: Mapping[str, Any], test: Mapping[str, Any]
) -> str:
    """The card in Markdown. ``validation`` and ``test`` are reports of ``evaluation.evaluate``."""
    sections = [
        f"# {metadata['name']} {metadata['version']}",
        metadata["description"],
        _intended_use(metadata),
        _how_to_read(metadata, test),
        results(metadata, validation, test),
        per_class(validation, test),
        plausible_sets(metadata, validation, test),
        *unlike_images(metadata),
        *on_images_from_elsewhere(metadata),
        *split_gap(metadata),
        _limits(metadata, validation, test),
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
    indeterminate = any(entry["code"] == "akiec" for entry in metadata["classes"])
    return f"""## Intended use
A second opinion for a clinician who has already looked at a **dermoscopic** image of one pigmented
skin lesion, and an order for a worklist. It is **not a medical device**, has not been tested in a
clinical study, and may not be the only ground for treating or not treating a person.

Not for: photographs without a dermatoscope, images without a lesion, lesions of other kinds
(it must choose among its classes), mucosa, nails, or people under treatment of the lesion.

The answer is one probability for each of these classes:
{classes}{AKIEC if indeterminate else ""}"""


AKIEC = """

`akiec` is called indeterminate because the training data join actinic keratosis (a precursor) and
Bowen's disease (a carcinoma in situ) under one label; the model cannot tell them apart. It counts
towards the probability of malignancy, because both want attention."""


def _how_to_read(metadata: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    points = " ".join(
        f"At {point['malignancy_threshold']:.3f} it marked {point['sensitivity']:.0%} of the "
        f"malignant test images, and {1 - point['specificity']:.0%} of the benign ones for nothing."
        for point in test["operating_points"]
        if point["sensitivity"] is not None and point["specificity"] is not None
    )
    malignant = test["malignant_images"] / test["images"]
    return f"""## How to read an answer
- **Probabilities** should come true as often as they say, in a mixture like that of the data, where
  {malignant:.0%} of the images count as malignant. In another clinic they are off: the rarer
  melanoma is there, the more they overstate it. How far they may be trusted stands below.
- **The class called** is another thing: the one that would be likeliest if all classes were equally
  common. It finds more of the rare classes, at the price of more false alarms, and need not be the
  one with the highest probability. Ties go to the more severe class.
- **Malignancy** is the summed probability of the classes that count as malignant. Its thresholds
  were chosen on the validation part; at or above one, the image is marked. {points}
- **Plausible classes** are those that cannot be ruled out. A long list says that the model does not
  know.
- **Unlike the training images**: do not read the rest.
- The class activation map shows where the image spoke for the likeliest class, at a few dozen
  places an image; it is no outline and no proof of a reason."""


def _limits(
    metadata: Mapping[str, Any], validation: Mapping[str, Any], test: Mapping[str, Any]
) -> str:
    return f"""## Known limits
{_confirmed(test)}{_two_sites(metadata["training"])}- **Never tested: dark skin** (the data state no
  skin type), children (the data's youngest group is {_youngest(test)}), and dermatoscopes of other
  makers, unless a section above says so.
- It knows {len(metadata["classes"])} classes and no lesion of other kinds; it names one of its own
  for every image.
- One split of the data: differences smaller than the intervals mean little. Groups with few
  malignant images say next to nothing of sensitivity.

At the threshold for {metadata["operating_points"][0]["name"]}, by group (those with fewer than 50
validation images stand in the metadata only):

{subgroups(validation, test)}"""


def _confirmed(test: Mapping[str, Any]) -> str:
    """What the figures owe to lesions that nobody cut out, where the data say it."""
    groups = test["subgroups"].get("dx_type", {})
    histology = groups.get("histo", {}).get("malignancy_auc")
    if histology is None or test["malignancy_auc"] is None:
        return ""
    return (
        f"- {groups['histo']['images']} of {test['images']} test images are confirmed by\n"
        "  histology. Nevi that were followed up or judged by consensus look easier and flatter\n"
        f"  the model: the AUC of malignancy is {histology:.3f} on the confirmed images and\n"
        f"  {test['malignancy_auc']:.3f} on all.\n"
    )


def _two_sites(training: Mapping[str, Any]) -> str:
    if not any(source["name"] == "HAM10000" for source in training.get("sources") or ()):
        return ""
    return (
        "- Nearly all images of HAM10000 come from two sites (Vienna and Queensland) and from\n"
        "  light skin.\n"
    )


def _youngest(test: Mapping[str, Any]) -> str:
    for band, group in test["subgroups"].get("age", {}).items():
        return f"{band} years, with {group['images']} test images"
    return "not known"


def _training(metadata: Mapping[str, Any]) -> str:
    training = metadata["training"]
    by_class = training.get("images_by_class", {}).get("train", {})
    counts = ", ".join(f"{code} {count}" for code, count in by_class.items())
    changed = " with uncommitted changes" if training.get("uncommitted_changes") else ""
    return f"""## How it was trained
Recipe `{training["recipe"]}`, {_length(training)}, seed {training["seed"]}, on
{training["images"]["train"]} images{f" ({counts})" if counts else ""}, in
{training["seconds"]:.0f} seconds of wall clock on {training["hardware"]}{_processes(training)}.
Starting weights: {training["initial_weights"] or "none"}. Network:
{metadata["architecture"]["name"]}, MONAI {metadata["monai_version"]}, PyTorch
{metadata["pytorch_version"]}. Code: git revision {training["git_revision"][:12]}{changed}.
{training["note"]}

Data digest: {training["data_digest"]}. Split digest: {training["split_digest"]}.\
{lineage_lines(training.get("lineage"))}"""


def _length(training: Mapping[str, Any]) -> str:
    if "rounds" in training:
        return f"{training['rounds']} rounds of gradient boosting"
    return f"{training['epochs']} epochs"


def _processes(training: Mapping[str, Any]) -> str:
    count = training.get("processes", 1)
    return f", in {count} processes" if count > 1 else ""


def _licence(metadata: Mapping[str, Any]) -> str:
    return f"""## Licence and sources
{metadata["licence"]}. See the file LICENSE.

{_sources(metadata["training"])}
Starting weights, where named above: ImageNet ResNet-18 of torchvision, BSD-3-Clause."""


def _sources(training: Mapping[str, Any]) -> str:
    """Every data set that the weights learned from, with its licence."""
    sources = training.get("sources")
    if not sources:
        return "The training images are not named."
    lines = [
        f"- {source['name']} ({source['licence']}). {source['citation']}".rstrip()
        for source in sources
    ]
    return "Training images:\n\n" + "\n".join(lines) + "\n"
