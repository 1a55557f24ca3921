"""Starting weights: load what fits, and give folded batch norms their statistics back."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from tqdm import tqdm

from inference.engine.architectures import LesionClassifier
from inference.engine.package import open_package
from inference.engine.weights import tensor_arrays
from inference.training.recipe import Recipe
from inference.training.records import DataError

INCOMPLETE_PREFIXES = ("layer4.",)  # dropped where the file holds only a part of the stage


def load_initial_weights(model: LesionClassifier, path: Path, recipe: Recipe) -> frozenset[str]:
    """Load every tensor of ``path`` that fits; returns the parameter names that were loaded.

    ``path`` is a package (a folder or .zip), a .safetensors file or a state dict written by torch,
    with MONAI's names. A stage of which it holds only some convolutions is left at its random
    start. Raises DataError when nothing fits, PackageError for a damaged package.
    """
    given = _given(path, model, recipe)
    expected = model.network.state_dict()
    incomplete = tuple(
        prefix
        for prefix in INCOMPLETE_PREFIXES
        if any(name.startswith(prefix) and name not in given for name in _parameters(expected))
    )
    fitting = {
        name: value
        for name, value in given.items()
        if name in expected
        and expected[name].shape == value.shape
        and not name.startswith(incomplete or ("\0",))
    }
    if not fitting:
        raise DataError(f"{path.name} holds no tensor that fits {recipe.architecture}.")
    model.network.load_state_dict(fitting, strict=False)
    new = len(expected) - len(fitting)
    tqdm.write(f"{len(fitting)} tensors come from {path.name}, {new} start at random.")
    return frozenset(f"network.{name}" for name in fitting)


def _given(path: Path, model: LesionClassifier, recipe: Recipe) -> Mapping[str, Tensor]:
    if path.is_dir() or path.suffix == ".zip":
        return _of_package(path, model, recipe)
    if not path.exists():
        raise DataError(f"There are no starting weights at {path}.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        given = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise DataError(
            f"{path.name} is no starting weights: give a package, a .safetensors file or a dict "
            f"of tensors saved by torch."
        ) from error
    named = given.items() if isinstance(given, dict) else ()
    return {name: value for name, value in named if isinstance(value, Tensor)}


def _of_package(path: Path, model: LesionClassifier, recipe: Recipe) -> dict[str, Tensor]:
    """A package's tensors, without the last layer where its classes are not the recipe's."""
    package = open_package(path)
    if package.architecture.name != recipe.architecture:
        raise DataError(
            f"{path.name} holds {package.architecture.name} and the recipe trains "
            f"{recipe.architecture}: start from a package of the same architecture."
        )
    same = tuple(each.code for each in package.classes) == recipe.classes
    if not same:
        tqdm.write(f"The classes of {path.name} are others: the last layer starts anew.")
    last = {id(parameter) for parameter in model.classifier.parameters()}
    dropped = {name for name, value in model.network.named_parameters() if id(value) in last}
    return {
        name: torch.from_numpy(np.array(values))
        for name, values in tensor_arrays(package).items()
        if same or name not in dropped
    }


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


def _parameters(names: dict[str, Tensor]) -> list[str]:
    return [name for name in names if not name.endswith("num_batches_tracked")]
