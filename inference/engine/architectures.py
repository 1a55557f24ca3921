"""The networks a package may name. No code comes from a package: a name here, weights there.

This module imports torch and MONAI: a worker that serves through ONNX Runtime never needs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from monai.networks.nets.densenet import DenseNet121
from monai.networks.nets.efficientnet import EfficientNetBN
from monai.networks.nets.resnet import resnet18
from torch import Tensor, nn

from inference.engine.package import Architecture


@dataclass(frozen=True)
class NetworkKind:
    """How to build one MONAI network, and where its last feature map and its classifier are."""

    build: Callable[..., nn.Module]
    features: Callable[[Any, Tensor], Tensor]
    classifier: Callable[[Any], nn.Linear]


class LesionClassifier(nn.Module):
    """A MONAI network that answers with logits, class maps and features from one pass.

    Every network here averages its last feature map over the image and then applies one linear
    layer. The layer can therefore be applied to each place of the map instead: the mean of a
    class's map, plus its bias, is its logit (class activation mapping, Zhou et al., CVPR 2016).
    """

    def __init__(self, network: nn.Module, kind: NetworkKind, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.network = network
        self.kind = kind
        self.dropout = nn.Dropout(dropout)

    @property
    def classifier(self) -> nn.Linear:
        return self.kind.classifier(self.network)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map float (N, 3, H, W) to logits (N, C), class maps (N, C, h, w), features (N, F)."""
        feature_map = self.kind.features(self.network, images)
        features = feature_map.mean(dim=(2, 3))
        logits = self.classifier(self.dropout(features))
        weight = self.classifier.weight[:, :, None, None]
        return logits, nn.functional.conv2d(feature_map, weight), features

    def packaged_tensors(self) -> dict[str, Tensor]:
        """The MONAI network's tensors by the names that they have in a package."""
        return cast("dict[str, Tensor]", self.network.state_dict())

    def features(self, images: Tensor) -> Tensor:
        """Map float (N, 3, H, W) to the features (N, F) that the classifier sees."""
        return self.kind.features(self.network, images).mean(dim=(2, 3))

    def logits(self, images: Tensor) -> Tensor:
        """Map float (N, 3, H, W) to logits (N, C) alone, for training."""
        return cast("Tensor", self.classifier(self.dropout(self.features(images))))


def build_classifier(
    architecture: Architecture, *, classes: int, dropout: float = 0.0
) -> LesionClassifier:
    """Build the named network with random weights. Raises KeyError for an unknown name."""
    kind = NETWORK_KINDS[architecture.name]
    network = kind.build(num_classes=classes, **architecture.arguments)
    return LesionClassifier(network, kind, dropout=dropout)


def _resnet18(*, num_classes: int, **arguments: Any) -> nn.Module:
    # MONAI's default stem is made for volumes: without stride 2 it costs five times as much.
    settings: dict[str, Any] = {
        "conv1_t_size": 7,
        "conv1_t_stride": 2,
        "shortcut_type": "B",
        "bias_downsample": False,
    } | arguments
    network = resnet18(spatial_dims=2, n_input_channels=3, num_classes=num_classes, **settings)
    return cast("nn.Module", network)


def _resnet_features(network: Any, images: Tensor) -> Tensor:
    hidden = network.maxpool(network.act(network.bn1(network.conv1(images))))
    hidden = network.layer2(network.layer1(hidden))
    return cast("Tensor", network.layer4(network.layer3(hidden)))


def _densenet121(*, num_classes: int, **arguments: Any) -> nn.Module:
    network = DenseNet121(spatial_dims=2, in_channels=3, out_channels=num_classes, **arguments)
    return cast("nn.Module", network)


def _densenet_features(network: Any, images: Tensor) -> Tensor:
    return torch.relu(network.features(images))


def _efficientnet(name: str) -> Callable[..., nn.Module]:
    def build(*, num_classes: int, **arguments: Any) -> nn.Module:
        network = EfficientNetBN(
            name,
            pretrained=False,
            spatial_dims=2,
            in_channels=3,
            num_classes=num_classes,
            **arguments,
        )
        # The default swish is a custom autograd function, which no exporter can follow.
        network.set_swish(memory_efficient=False)
        # MONAI draws the last layer by the number of classes alone: with seven of them training
        # from scratch would start at a loss of 7, not of log 7.
        nn.init.normal_(network._fc.weight, std=0.01)
        return cast("nn.Module", network)

    return build


def _efficientnet_features(network: Any, images: Tensor) -> Tensor:
    hidden = network._conv_stem(network._conv_stem_padding(images))
    hidden = network._blocks(network._swish(network._bn0(hidden)))
    hidden = network._conv_head(network._conv_head_padding(hidden))
    return cast("Tensor", network._swish(network._bn1(hidden)))


NETWORK_KINDS: dict[str, NetworkKind] = {
    "resnet18": NetworkKind(_resnet18, _resnet_features, lambda network: network.fc),
    "densenet121": NetworkKind(
        _densenet121, _densenet_features, lambda network: network.class_layers.out
    ),
    "efficientnet_b0": NetworkKind(
        _efficientnet("efficientnet-b0"),
        _efficientnet_features,
        lambda network: network._fc,
    ),
    "efficientnet_b4": NetworkKind(
        _efficientnet("efficientnet-b4"),
        _efficientnet_features,
        lambda network: network._fc,
    ),
}
