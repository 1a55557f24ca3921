"""Starting weights: load what fits, and give folded batch norms their statistics back."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from tqdm import tqdm

from inference.engine.architectures import LesionClassifier
from inference.engine.package import open_package
from inference.engine.weights import tensor_arrays
from inference.training.averaged_weights import averaged_tensors
from inference.training.recipe import Recipe
from inference.training.records import DataError

INCOMPLETE_PREFIXES = ("layer4.",)  # dropped where the file holds only a part of the stage


@dataclass(frozen=True)
class Given:
    """Tensors by MONAI's names; what they are of, where the file says so."""

    tensors: Mapping[str, Tensor]
    architecture: str | None = None
    classes: tuple[str, ...] | None = None


def load_initial_weights(model: LesionClassifier, path: Path, recipe: Recipe) -> frozenset[str]:
    """Load every tensor of ``path`` that fits; returns the parameter names that were loaded.

    ``path`` is a package (a folder or .zip), a run's checkpoint, a .safetensors file or a state
    dict saved by torch. A last layer for other classes is left at its random start, and so is a
    stage of which only some convolutions are there. Raises DataError when nothing fits,
    PackageError for a damaged package.
    """
    given = _read(path)
    if given.architecture not in {None, recipe.architecture}:
        raise DataError(
            f"{path.name} holds {given.architecture} and the recipe trains {recipe.architecture}: "
            f"start from weights of the same architecture."
        )
    expected = model.network.state_dict()
    left_out = _incomplete_stages(given.tensors, expected)
    if given.classes not in {None, recipe.classes}:
        tqdm.write(f"The classes of {path.name} are others: the last layer starts anew.")
        left_out |= _last_layer(model)
    fitting = {
        name: value
        for name, value in given.tensors.items()
        if name in expected and expected[name].shape == value.shape and name not in left_out
    }
    if not fitting:
        raise DataError(f"{path.name} holds no tensor that fits {recipe.architecture}.")
    model.network.load_state_dict(fitting, strict=False)
    new = len(expected) - len(fitting)
    tqdm.write(f"{len(fitting)} tensors come from {path.name}, {new} start at random.")
    return frozenset(f"network.{name}" for name in fitting)


def _read(path: Path) -> Given:
    if path.is_dir() or path.suffix == ".zip":
        return _of_package(path)
    if not path.exists():
        raise DataError(f"There are no starting weights at {path}.")
    try:
        if path.suffix == ".safetensors":
            return Given(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise DataError(
            f"{path.name} is no starting weights: give a package, a run's checkpoint.pt, a "
            f".safetensors file or a dict of tensors saved by torch."
        ) from error
    if isinstance(content, dict) and "average" in content:
        return _of_run(content)
    named = content.items() if isinstance(content, dict) else ()
    return Given({name: value for name, value in named if isinstance(value, Tensor)})


def _of_package(path: Path) -> Given:
    package = open_package(path)
    return Given(
        {name: torch.from_numpy(np.array(value)) for name, value in tensor_arrays(package).items()},
        package.architecture.name,
        tuple(each.code for each in package.classes),
    )


def _of_run(state: dict[str, Any]) -> Given:
    """A run's averaged weights."""
    recipe = Recipe.from_dict(state["recipe"])
    return Given(averaged_tensors(state["average"]), recipe.architecture, recipe.classes)


def _incomplete_stages(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> set[str]:
    """The tensors of stages of which ``given`` holds only a part."""
    incomplete = {
        prefix
        for prefix in INCOMPLETE_PREFIXES
        for name in expected
        if name.startswith(prefix)
        and not name.endswith("num_batches_tracked")
        and name not in given
    }
    return {name for name in expected for prefix in incomplete if name.startswith(prefix)}


def _last_layer(model: LesionClassifier) -> set[str]:
    last = {id(parameter) for parameter in model.classifier.parameters()}
    return {name for name, value in model.network.named_parameters() if id(value) in last}


@torch.no_grad()
def restore_batch_norm_statistics(model: nn.Module, batch: Tensor) -> None:
    """Measure each batch norm's input on ``batch`` and re-express it, its output unchanged.

    Weights whose batch norms were folded into the convolutions come with statistics that are not
    those of the activations: the first training batch would then shift every layer. Here mean and
    variance become the measured ones, and gamma and beta take up the difference.
    """
    measured: dict[nn.BatchNorm2d, tuple[Tensor, Tensor]] = {}

    def measure(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        activations = inputs[0].float()
        mean = activations.mean(dim=(0, 2, 3))
        measured[cast("nn.BatchNorm2d", layer)] = (
            mean,
            activations.var(dim=(0, 2, 3), unbiased=False),
        )

    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    hooks = [layer.register_forward_pre_hook(measure) for layer in norms]
    training = model.training
    model.eval()
    model(batch)
    model.train(training)
    for hook in hooks:
        hook.remove()
    for layer, (mean, variance) in measured.items():
        _re_express(layer, mean, variance)


def _re_express(layer: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    old_mean, old_variance = cast("Tensor", layer.running_mean), cast("Tensor", layer.running_var)
    slope = layer.weight / (old_variance + layer.eps).sqrt()
    layer.bias.add_(slope * (mean - old_mean))
    layer.weight.copy_(slope * (variance + layer.eps).sqrt())
    old_mean.copy_(mean)
    old_variance.copy_(variance)
