"""What the optimiser does with which weights."""

from typing import Any

from torch import Tensor, nn

from inference.training.recipe import Recipe


def parameter_groups(
    model: nn.Module, recipe: Recipe, loaded: frozenset[str]
) -> list[dict[str, Any]]:
    """Slower learning where weights were ``loaded``; no decay of norms and biases."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        groups.setdefault((name in loaded, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": recipe.pretrained_learning_rate if known else recipe.learning_rate,
            "weight_decay": recipe.weight_decay if decays else 0.0,
        }
        for (known, decays), parameters in groups.items()
    ]
