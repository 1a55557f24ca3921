"""Whether a recipe can be trained on a frozen version, said before a machine is kept busy."""

import json
from collections.abc import Collection, Mapping, Sequence

from accounts.errors import InvalidInput
from inference.training.recipe import DataRecipe, Recipe, load_recipe
from inference.training.records import DataError
from inference.training.taxonomy import model_classes

FEWEST_CLASSES = 2
KEPT_APART = {"validation": "fit calibration and thresholds", "test": "report what came out"}


def checked_recipe(*, name: str, settings: Sequence[str]) -> DataRecipe:
    """The recipe with its changes. Raises InvalidInput with the sentence that the trainer has."""
    for setting in settings:
        key, equals, _ = setting.partition("=")
        if not equals or not key.strip():
            msg = f"Write each setting as key=value, one a line: “{setting}” is none."
            raise InvalidInput(msg, field="settings", code="setting_refused")
        if key == "seed":
            msg = "Give the seed in its own field, not among the settings."
            raise InvalidInput(msg, field="settings", code="setting_refused")
    try:
        load_recipe(name)
    except DataError as error:
        raise InvalidInput(str(error), field="recipe", code="unknown_recipe") from error
    try:
        recipe = load_recipe(name, settings)
        model_classes(recipe.classes)
    except DataError as error:
        raise InvalidInput(str(error), field="settings", code="setting_refused") from error
    return recipe


def refuse_unsuitable(*, parts: Mapping[str, Mapping[str, int]], recipe: DataRecipe) -> None:
    """Raise InvalidInput where the trainer would only find out after decoding every image.

    `parts` is part -> label -> images, of the rows that may still be used.
    """
    known = {code: code for code in recipe.classes} | recipe.label_map
    labels = {label for part in parts.values() for label in part}
    if unknown := sorted(labels - set(known)):
        without = json.dumps(recipe.label_map | dict.fromkeys(unknown, ""))
        msg = (
            f"The recipe {recipe.name} does not know the class {', '.join(unknown)}: describe a "
            f"data set without it, or leave it out with the setting label_map={without}."
        )
        raise _unsuitable(msg)
    by_class = {part: _counted(images, known) for part, images in parts.items()}
    if absent := [code for code in recipe.classes if not by_class["train"].get(code)]:
        left = _without(absent, labels=labels, known=known, recipe=recipe)
        msg = (
            f"This version has no training images of {', '.join(absent)}, which the recipe "
            f"{recipe.name} trains: freeze a version that has{left}."
        )
        raise _unsuitable(msg)
    _refuse_small_parts(by_class, recipe)


def _without(
    absent: Sequence[str], *, labels: Collection[str], known: Mapping[str, str], recipe: DataRecipe
) -> str:
    """The changes, to be copied, with which the other classes can be trained; empty if too few."""
    classes = [code for code in recipe.classes if code not in absent]
    if len(classes) < FEWEST_CLASSES:
        return ""
    unwanted = sorted(label for label in labels if known[label] in absent)
    label_map = {label: code for label, code in recipe.label_map.items() if code not in absent}
    changes = [f"classes={json.dumps(classes)}"]
    if label_map != recipe.label_map or unwanted:
        changes.append(f"label_map={json.dumps(label_map | dict.fromkeys(unwanted, ''))}")
    if len(changes) == 1:
        return f", or train the others with the setting {changes[0]}"
    return f", or train the others with the settings {' and '.join(changes)}, one a line"


def _counted(images: Mapping[str, int], known: Mapping[str, str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for label, count in images.items():
        if known[label]:
            counted[known[label]] = counted.get(known[label], 0) + count
    return counted


def _refuse_small_parts(by_class: Mapping[str, Mapping[str, int]], recipe: DataRecipe) -> None:
    malignant = {each.code for each in model_classes(recipe.classes) if each.counts_as_malignant}
    for part, purpose in KEPT_APART.items():
        found = by_class[part]
        if not any(code in malignant for code in found) or not set(found) - malignant:
            msg = (
                f"The {part} part needs images that count as malignant and others, to {purpose}: "
                "freeze a version with more patients or another seed."
            )
            raise _unsuitable(msg)
    images = sum(by_class["train"].values())
    if isinstance(recipe, Recipe) and images < recipe.batch_size:
        msg = (
            f"There are {images} training images, fewer than a batch of {recipe.batch_size}: "
            "freeze a larger version, or set a smaller batch_size."
        )
        raise _unsuitable(msg)


def _unsuitable(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, field="recipe", code="version_unsuitable")
