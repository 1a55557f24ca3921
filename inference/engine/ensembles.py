"""Several networks that answer as one: the weighted mean of their logits."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from inference.engine.allowed_models import member_prefix
from inference.engine.architectures import LesionClassifier, build_classifier
from inference.engine.package import Architecture


class Ensemble(nn.Module):
    """Members with their weights, which sum to 1.

    Logits and class maps are weighted means, so the mean of a class's map, plus the weighted mean
    of its biases, is still its logit. Features are those of the first member alone: it decides
    what counts as familiar.
    """

    def __init__(self, members: Sequence[LesionClassifier], weights: Sequence[float]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.weights = tuple(weights)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map float (N, 3, H, W) to logits (N, C), class maps (N, C, h, w), features (N, F)."""
        logits, class_maps, features = self.members[0](images)
        logits, class_maps = self.weights[0] * logits, self.weights[0] * class_maps
        for weight, member in zip(self.weights[1:], list(self.members)[1:], strict=True):
            more_logits, more_maps, _ = member(images)
            logits = logits + weight * more_logits
            class_maps = class_maps + weight * _resized(more_maps, class_maps.shape[2:])
        return logits, class_maps, features

    def packaged_tensors(self) -> dict[str, Tensor]:
        """The members' tensors by the names that they have in a package."""
        return {
            f"{member_prefix(index)}{name}": value
            for index, member in enumerate(self.members)
            for name, value in cast("LesionClassifier", member).packaged_tensors().items()
        }


def build_network(architecture: Architecture, *, classes: int) -> LesionClassifier | Ensemble:
    """The network or the ensemble that a package names, with random weights."""
    if not architecture.members:
        return build_classifier(architecture, classes=classes)
    members = [
        build_classifier(Architecture(member.name, member.arguments), classes=classes)
        for member in architecture.members
    ]
    return Ensemble(members, [member.weight for member in architecture.members])


def _resized(class_maps: Tensor, size: torch.Size) -> Tensor:
    """Class maps (N, C, h, w) at another (h, w) and with the mean they had.

    Networks round the sides of their maps differently unless the image's is a multiple of 32.
    """
    if class_maps.shape[2:] == size:
        return class_maps
    resized = nn.functional.interpolate(class_maps, size=size, mode="bilinear")
    lost = class_maps.mean(dim=(2, 3), keepdim=True) - resized.mean(dim=(2, 3), keepdim=True)
    return resized + lost
