"""The images of one part of a split, as the trainer and validation take them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class ImageSet:
    """Images and labels of one part: uint8 pixels (all, H, W, 3), the part's rows, their labels.

    ``lesions`` names what each image shows, where that is known: one rank validates a lesion.
    """

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    lesions: tuple[str, ...] = ()

    def images(self, positions: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(self.pixels[self.rows[positions]])
