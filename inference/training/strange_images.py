"""Generated images that are no dermoscopy of a lesion: what a model should say it does not know."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Picture = NDArray[np.uint8]
Random = np.random.Generator


def strange_images(kind: str, count: int, *, size: int, seed: int) -> Picture:
    """``count`` images of one kind as uint8 (count, size, size, 3)."""
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    return np.stack([KINDS[kind](size, random) for _ in range(count)])


def _noise(size: int, random: Random) -> Picture:
    return random.integers(0, 256, (size, size, 3), dtype=np.uint8)


def _clouds(size: int, random: Random) -> Picture:
    """Smooth colours without any structure of skin."""
    coarse = random.integers(0, 256, (*[int(random.integers(3, 24))] * 2, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def _text(size: int, random: Random) -> Picture:
    """A page of letters."""
    paper, ink = random.integers(200, 256, 3), random.integers(0, 90, 3)
    picture = Image.new("RGB", (size, size), _colour(paper))
    draw = ImageDraw.Draw(picture)
    for y in range(4, size, 12):
        letters = "".join(map(chr, random.integers(ord("a"), ord("z") + 1, 40)))
        draw.text((4, y), letters, fill=_colour(ink))
    return np.asarray(picture)


def _plain_skin(size: int, random: Random) -> Picture:
    """Skin without a lesion: a tone, slow shading, fine grain."""
    tone = np.array((220, 172, 155)) + random.uniform(-40, 20, 3)
    coarse = Image.fromarray(random.normal(0, 1, (12, 12)).astype(np.float32))
    shading = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))[..., None]
    grain = random.normal(0, random.uniform(1, 5), (size, size, 1))
    picture = tone + random.uniform(1, 8) * shading + grain
    return picture.clip(0, 255).astype(np.uint8)


def _face(size: int, random: Random) -> Picture:
    """A drawn face before a plain wall."""
    picture = Image.new("RGB", (size, size), _colour(random.integers(0, 256, 3)))
    draw = ImageDraw.Draw(picture)
    skin = np.array((225, 180, 160)) + random.integers(-50, 20, 3)
    draw.ellipse([size * part for part in (0.2, 0.1, 0.8, 0.95)], fill=_colour(skin))
    for x in (0.38, 0.62):
        white = [size * part for part in (x - 0.06, 0.38, x + 0.06, 0.45)]
        iris = [size * part for part in (x - 0.025, 0.39, x + 0.025, 0.44)]
        draw.ellipse(white, fill=(255, 255, 255))
        draw.ellipse(iris, fill=_colour(random.integers(20, 120, 3)))
    mouth = [size * part for part in (0.35, 0.55, 0.65, 0.8)]
    draw.arc(mouth, 20, 160, fill=(150, 50, 50), width=max(2, size // 40))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(size / 150)))


def _colour(values: NDArray[np.integer]) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in values.clip(0, 255))
    return red, green, blue


KINDS: dict[str, Callable[[int, Random], Picture]] = {
    "noise": _noise,
    "clouds": _clouds,
    "text": _text,
    "plain skin": _plain_skin,
    "face": _face,
}
