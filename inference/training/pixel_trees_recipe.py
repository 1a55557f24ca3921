"""The recipe of gradient-boosted trees: another record than a network's, with the same data."""

from dataclasses import dataclass
from typing import Any

from inference.engine.package import Preprocessing
from inference.training.recipe import DataRecipe


@dataclass(frozen=True, kw_only=True)
class PixelTreesRecipe(DataRecipe):
    """How trees are grown on small images. ``--set key=value`` changes any plain field.

    The image is decoded at ``evaluation_size``, as everywhere, and averaged down to ``side``.
    """

    side: int  # pixels a side that the trees see; a multiple of 8 that divides evaluation_size
    rounds: int  # at most; a round grows one tree for each class
    depth: int
    learning_rate: float = 0.1
    image_share: float = 1.0  # of the training images, drawn anew for each tree
    pixel_share: float = 1.0  # of the pixels, drawn anew for each split
    class_balance: float = 1.0  # an image weighs its class's count ** -class_balance
    views: str = "none"  # none, d4: the training images also turned and mirrored
    early_stopping: int = 30  # rounds without a better loss on validation

    @property
    def preprocessing(self) -> Preprocessing:
        """Trees need no normalisation: any order-keeping change of a pixel gives the same trees."""
        return Preprocessing(self.evaluation_size, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "PixelTreesRecipe":
        return cls(**values | {"classes": tuple(values["classes"])})
