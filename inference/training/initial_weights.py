"""Starting weights: load what fits, and give folded batch norms their statistics back."""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from inference.engine.architectures import LesionClassifier
from inference.training.records import DataError

INCOMPLETE_PREFIXES = ("layer4.",)  # dropped where the file holds only a part of the stage


def load_initial_weights(model: LesionClassifier, path: Path) -> frozenset[str]:
    """Load every tensor of ``path`` that fits; returns the parameter names that were loaded.

    A stage of which the file holds only some convolutions is left at its random start. Raises
    DataError when nothing fits.
    """
    given: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
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
        raise DataError(f"{path.name} holds no tensor that fits this network.")
    model.network.load_state_dict(fitting, strict=False)
    return frozenset(f"network.{name}" for name in fitting)


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
