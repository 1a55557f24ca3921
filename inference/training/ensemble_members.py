"""What an ensemble's package is made of: the finished runs that are its members."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.allowed_models import (
    FEWEST_MEMBERS,
    MEMBER_NAMES,
    MOST_MEMBERS,
    Architecture,
    Member,
    member_prefix,
)
from inference.engine.package import FAMILIARITY_PREFIX
from inference.training.ensemble_weights import combined
from inference.training.ingredients import Ingredients, gather_ingredients
from inference.training.measures import Floats
from inference.training.outputs import PartOutputs
from inference.training.records import DataError

CHECKPOINT = "checkpoint.pt"
SAME = {  # what members must share, and how a sentence calls it
    "classes": "classes",
    "size": "image size",
    "mean": "normalisation",
    "std": "normalisation",
}


def gather_members(runs: Sequence[Path]) -> list[Ingredients]:
    """The runs' ingredients. Raises DataError where they cannot answer together."""
    if not FEWEST_MEMBERS <= len(runs) <= MOST_MEMBERS:
        raise DataError(f"An ensemble has from {FEWEST_MEMBERS} to {MOST_MEMBERS} runs.")
    if len({run.resolve() for run in runs}) < len(runs):
        raise DataError("A run is named twice: a member counts once, by its weight.")
    for run in runs:
        if not (run / CHECKPOINT).exists():
            raise DataError(f"There is no finished run in {run.name}.")
    members = [gather_ingredients(run / CHECKPOINT) for run in runs]
    for run, member in zip(runs, members, strict=True):
        if member.architecture["name"] not in MEMBER_NAMES:
            raise DataError(f"{run.name} is no network: only networks can be members.")
        _refuse_other_kind(members[0], member, f"{runs[0].name} and {run.name}")
    return members


def _refuse_other_kind(first: Ingredients, other: Ingredients, both: str) -> None:
    for attribute, called in SAME.items():
        if getattr(first, attribute) != getattr(other, attribute):
            raise DataError(f"The runs {both} differ in their {called}: they cannot be joined.")
    for key in ("data_digest", "split_digest"):
        if first.training[key] != other.training[key]:
            raise DataError(
                f"The runs {both} were not trained on the same split: what one kept apart, the "
                "other may have seen. Give train the same --split."
            )
    if any(first.outputs[part].records != other.outputs[part].records for part in first.outputs):
        raise DataError(f"The runs {both} did not answer the same images.")


def shared_augmentations(members: Sequence[Ingredients]) -> list[str]:
    return sorted(set.intersection(*(set(m.outputs["validation"].logits) for m in members)))


def _combined_outputs(members: Sequence[Ingredients], weights: Floats) -> dict[str, PartOutputs]:
    return {
        name: PartOutputs(
            part.records,
            {
                augmentation: combined(
                    np.stack([member.outputs[name].logits[augmentation] for member in members]),
                    weights,
                )
                for augmentation in shared_augmentations(members)
            },
        )
        for name, part in members[0].outputs.items()
    }


def _training(members: Sequence[Ingredients], fit: Mapping[str, Any]) -> dict[str, Any]:
    """Lineage in the form of one run's, summed over the members, and theirs beside it."""
    parts = [member.training for member in members]
    return parts[0] | {
        "recipe": "ensemble",
        "epochs": sum(part["epochs"] for part in parts),
        "seconds": round(sum(part["seconds"] for part in parts), 1),
        "hardware": ", ".join(dict.fromkeys(part["hardware"] for part in parts)),
        "initial_weights": ", ".join(
            dict.fromkeys(part["initial_weights"] or "none" for part in parts)
        ),
        "history": [],
        "members": parts,
        "ensemble": dict(fit),
    }


def member_names(members: Sequence[Ingredients]) -> list[str]:
    """A name for each member that no other has, such as ``resnet18 seed 7 (2)``."""
    names: list[str] = []
    for member in members:
        name = f"{member.training['recipe']} seed {member.training['seed']}"
        again = sum(known == name or known.startswith(f"{name} (") for known in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def ensemble_ingredients(members: Sequence[Ingredients], fit: Mapping[str, Any]) -> Ingredients:
    """What the package of an ensemble is made of; ``fit`` has the weights and where they are from.

    A member whose weight is 0 is left out. What is familiar is what is familiar to the first of
    those that remain.
    """
    kept = [
        (member, weight)
        for member, weight in zip(members, fit["weights"], strict=True)
        if weight > 0
    ]
    members, weights = [member for member, _ in kept], np.array([weight for _, weight in kept])
    weights = weights / weights.sum()
    entries = [
        member.architecture | {"weight": float(weight)}
        for member, weight in zip(members, weights, strict=True)
    ]
    first = members[0]
    tensors = {
        f"{member_prefix(index)}{name}": value
        for index, member in enumerate(members)
        for name, value in member.tensors.items()
        if not name.startswith(FAMILIARITY_PREFIX)
    }
    tensors |= {
        name: value for name, value in first.tensors.items() if name.startswith(FAMILIARITY_PREFIX)
    }
    named = Architecture("ensemble", members=tuple(Member(**entry) for entry in entries))
    return Ingredients(
        classes=first.classes,
        size=first.size,
        mean=first.mean,
        std=first.std,
        architecture={"name": "ensemble", "members": entries},
        description=(
            f"Classifies one dermoscopic image of a pigmented skin lesion into "
            f"{len(first.classes)} classes ({named} of MONAI, {first.size} px)."
        ),
        outputs=_combined_outputs(members, weights),
        familiarity=first.familiarity,
        tensors=tensors,
        training=_training(members, fit),
    )
