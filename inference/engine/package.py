"""Model packages (being written)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ARCHITECTURE_NAMES = frozenset({"resnet18", "densenet121", "efficientnet_b0", "efficientnet_b4"})


@dataclass(frozen=True)
class Architecture:
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preprocessing:
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop: str = "centre_square"
