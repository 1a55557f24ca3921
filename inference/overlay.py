"""The saliency map as a picture to lay over the image. Pillow only: the web process has no numpy.

The colours and opacities are those of `engine.explain.render_overlay`, which training reports use;
a test holds the two together.
"""

from functools import cache
from io import BytesIO

from PIL import Image

# The map has some ten pixels across: the browser enlarges it further as well as we would.
SIDE = 256
# Nine colours of even steps in lightness, dark violet to yellow, readable with any colour vision.
COLOURS = (
    (22, 7, 61), (58, 15, 110), (96, 22, 122), (136, 34, 106), (176, 50, 87),
    (212, 72, 66), (239, 105, 45), (250, 158, 40), (245, 219, 76),
)  # fmt: skip
MOST_OPAQUE = 0.65
TRANSPARENT_BELOW = 0.15


def render_saliency(stored: bytes, side: int = SIDE) -> bytes:
    """A PNG (RGBA, side x side) of a stored greyscale map of a few pixels; white matters most."""
    with Image.open(BytesIO(stored)) as small:
        importance = small.convert("L").resize((side, side), Image.Resampling.BICUBIC)
    bands = [importance.point(table) for table in _tables()]
    stream = BytesIO()
    Image.merge("RGBA", bands).save(stream, "PNG")
    return stream.getvalue()


@cache
def _tables() -> tuple[list[int], ...]:
    """For red, green, blue and opacity: the value of each of the 256 steps of importance."""
    colours = ([_between(step, channel) for step in range(256)] for channel in range(3))
    return (*colours, [_opacity(step / 255) for step in range(256)])


def _between(step: int, channel: int) -> int:
    place = step / 255 * (len(COLOURS) - 1)
    lower = min(int(place), len(COLOURS) - 2)
    here, there = COLOURS[lower][channel], COLOURS[lower + 1][channel]
    return round(here + (there - here) * (place - lower))


def _opacity(importance: float) -> int:
    visible = max(0.0, (importance - TRANSPARENT_BELOW) / (1 - TRANSPARENT_BELOW))
    return round(255 * MOST_OPAQUE * visible**0.5)
