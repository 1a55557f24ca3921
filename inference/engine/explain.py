"""Where the model looked: the class activation map of the same forward pass, and its picture."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Nine colours of even steps in lightness, dark violet to yellow, readable with any colour vision.
COLOURS = np.array(
    [
        (22, 7, 61),
        (58, 15, 110),
        (96, 22, 122),
        (136, 34, 106),
        (176, 50, 87),
        (212, 72, 66),
        (239, 105, 45),
        (250, 158, 40),
        (245, 219, 76),
    ],
    dtype=np.float64,
)
MOST_OPAQUE = 0.65  # the skin stays visible under the most important place
TRANSPARENT_BELOW = 0.15


def class_activation(class_map: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale one class's map (h, w) to 0..1: what spoke against the class becomes 0.

    A map that nowhere speaks for its class is all zeros.
    """
    positive = np.maximum(class_map, 0)
    peak = float(positive.max())
    if peak <= 0:
        return np.zeros_like(class_map, dtype=np.float32)
    return np.asarray(positive / peak, dtype=np.float32)


def render_overlay(activation: NDArray[np.float32], size: int = 512) -> bytes:
    """A PNG (RGBA, size x size) to lay over the centre square of the image.

    Unimportant places are transparent; importance raises both opacity and lightness.
    """
    smooth = Image.fromarray(np.asarray(activation, dtype=np.float32)).resize(
        (size, size), Image.Resampling.BICUBIC
    )
    importance = np.clip(np.asarray(smooth, dtype=np.float64), 0, 1)
    steps = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(importance, steps, COLOURS[:, channel]) for channel in range(3)]
    visible = np.clip((importance - TRANSPARENT_BELOW) / (1 - TRANSPARENT_BELOW), 0, 1)
    channels.append(255 * MOST_OPAQUE * np.sqrt(visible))
    picture = Image.fromarray(np.stack(channels, axis=2).round().astype(np.uint8))
    stream = BytesIO()
    picture.save(stream, format="PNG")
    return stream.getvalue()
