"""Training runs and what they can be made of."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from accounts.models import User
from clinic.models import DatasetVersion
from clinic.selectors.datasets import open_rows, visible_dataset_versions
from inference.models import ModelVersion, TrainingRun
from inference.selectors.models import visible_model_versions
from inference.training.recipe import Recipe, load_recipe, recipe_names


def visible_training_runs(user: User | AnonymousUser) -> QuerySet[TrainingRun]:
    """Runs on versions that the person may see: no one else learns what they were trained on."""
    return TrainingRun.objects.filter(
        dataset_version__in=visible_dataset_versions(user)
    ).select_related("dataset_version__dataset", "start_from", "candidate", "requested_by")


@dataclass(frozen=True)
class KnownRecipe:
    """A recipe as a person chooses it. `architecture` is empty for trees."""

    name: str
    purpose: str
    architecture: str
    classes: tuple[str, ...]


@cache
def known_recipes() -> tuple[KnownRecipe, ...]:
    """Every recipe of `inference.training`; nothing heavy is imported for it."""
    return tuple(map(_known, recipe_names()))


def _known(name: str) -> KnownRecipe:
    recipe = load_recipe(name)
    module = import_module(f"inference.training.recipes.{name}")
    return KnownRecipe(
        name=name,
        purpose=(module.__doc__ or name).strip().splitlines()[0],
        architecture=recipe.architecture if isinstance(recipe, Recipe) else "",
        classes=recipe.classes,
    )


def possible_parents(user: User | AnonymousUser) -> QuerySet[ModelVersion]:
    """Models that a run may start from: those whose architecture some recipe trains."""
    trained = {recipe.architecture for recipe in known_recipes()} - {""}
    return visible_model_versions(user).filter(architecture__in=trained).order_by("-created_at")


def images_by_part(version: DatasetVersion) -> dict[str, dict[str, int]]:
    """Rows that may still be used: part -> label -> images."""
    counted = (
        open_rows(version).order_by().values_list("split", "label").annotate(images=Count("pk"))
    )
    parts: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
    for part, label, images in counted:
        parts[part][label] = images
    return parts
