"""What a trained network answers, with weights as they will be packaged."""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.engine.architectures import LesionClassifier
from inference.training.augmentation import eight_views, evaluation_batch
from inference.training.measures import Floats
from inference.training.recipe import Recipe


@dataclass(frozen=True)
class NetworkOutputs:
    """Logits (N, C) and features before the classifier (N, F)."""

    logits: Floats
    features: Floats


@torch.no_grad()
def network_outputs(
    model: LesionClassifier,
    images: NDArray[np.uint8],
    recipe: Recipe,
    device: torch.device,
    *,
    eight: bool = False,
) -> NetworkOutputs:
    """Answer uint8 (N, size, size, 3) in single precision; ``eight``: the mean of the D4 views."""
    model.eval()
    logits, features = [], []
    for start in range(0, len(images), recipe.batch_size):
        # Copied, because a memory-mapped cache is read-only and torch wants to own its memory.
        pixels = torch.from_numpy(np.array(images[start : start + recipe.batch_size]))
        batch = evaluation_batch(pixels, recipe=recipe).to(device)
        views = eight_views(batch) if eight else [batch]
        pooled = torch.stack([model.features(view) for view in views])
        features.append(pooled.mean(dim=0))
        logits.append(model.classifier(pooled).mean(dim=0))
    return NetworkOutputs(
        torch.cat(logits).double().cpu().numpy(), torch.cat(features).double().cpu().numpy()
    )


def round_to_half_precision(model: LesionClassifier) -> LesionClassifier:
    """A copy whose weights are rounded as a package stores them, in single precision again."""
    rounded = deepcopy(model).eval()
    rounded.load_state_dict(
        {
            name: value.half().float() if value.is_floating_point() else value
            for name, value in model.state_dict().items()
        }
    )
    return rounded
