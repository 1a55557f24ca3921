"""A trainer of a network so small that an epoch takes milliseconds."""

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from inference.engine.architectures import LesionClassifier, NetworkKind
from inference.training.image_set import ImageSet
from inference.training.recipe import Recipe, Stage
from inference.training.trainer import Trainer

CLASSES = ("bcc", "mel", "nv")
IMAGES = np.random.default_rng(1).integers(0, 256, (8, 16, 16, 3), np.uint8)

TINY = Recipe(
    name="tiny",
    architecture="resnet18",  # what a package would name; the trainer is handed its network
    stages=(Stage(epochs=6, size=16),),
    evaluation_size=16,
    cache_size=16,
    classes=CLASSES,
    batch_size=4,
    ema_decay=0.5,
    validate_every=1,
    warmup_epochs=0.5,
    sampling_exponent=1.0,
)


def changed(recipe: Recipe = TINY, **settings: Any) -> Recipe:
    return Recipe.from_dict(recipe.as_dict() | settings)


def tiny_network(*, dropout: float = 0.2) -> LesionClassifier:
    """Two convolutions with batch norms, and a linear layer called fc."""
    torch.manual_seed(0)
    network = nn.Module()
    network.body = nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
    )
    network.fc = nn.Linear(8, len(CLASSES))
    kind = NetworkKind(
        build=nn.Module,
        features=lambda network, images: cast("Tensor", network.body(images)),
        classifier=lambda network: network.fc,
    )
    return LesionClassifier(network, kind, dropout=dropout)


def tiny_trainer(recipe: Recipe = TINY, **given: Any) -> Trainer:
    """``given``: loaded and ranks, as a trainer takes them."""
    rows = np.arange(len(IMAGES))
    images = ImageSet(IMAGES, rows, rows % 3, tuple(f"lesion {row // 2}" for row in rows))
    model = tiny_network(dropout=recipe.dropout)
    return Trainer(recipe, model, train=images, validation=images, norm_images=IMAGES, **given)
