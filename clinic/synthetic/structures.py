"""What a dermatologist looks for through the dermatoscope, one structure a function.

Names follow the third consensus of the International Dermoscopy Society (Kittler et al., J Am Acad
Dermatol 2016). Every function draws into a field of the lesion's size; lengths are in px of it.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from clinic.synthetic.fields import Field, Shape, honeycomb, noise, step


def network(rng: np.random.Generator, shape: Shape, spacing: float, contrast: float = 1.0) -> Field:
    """Reticular lines: a honeycomb whose lines swell, fade and break."""
    lines, _ = honeycomb(rng, shape, spacing, warp=0.45)
    swelling = 0.7 + 0.4 * contrast * noise(rng, shape, 8) + 0.25 * noise(rng, shape, 45)
    net: Field = lines * np.clip(swelling, 0.0, 1.5)
    return net


def dots(
    rng: np.random.Generator,
    where: Field,
    count: int,
    radius: tuple[float, float],
    *,
    soft: float = 0.8,
) -> Field:
    """Dots, globules, clods or cysts: `count` roundish spots where `where` is likely."""
    image = Image.new("L", (where.shape[1], where.shape[0]), 0)
    draw = ImageDraw.Draw(image)
    for x, y in _places(rng, where, count):
        size = rng.uniform(*radius)
        wide, high = size * rng.uniform(0.8, 1.25), size * rng.uniform(0.8, 1.25)
        draw.ellipse((x - wide, y - high, x + wide, y + high), fill=int(rng.integers(150, 256)))
    return _soft(image, soft)


def blotches(rng: np.random.Generator, shape: Shape, cells: float, share: float) -> Field:
    """Structureless areas with frayed edges that take up about `share` of the field."""
    field = noise(rng, shape, cells) + 0.35 * noise(rng, shape, cells * 4)
    level = float(np.quantile(field[::4, ::4], 1 - share))
    return step(field, level - 0.12, level + 0.12)


def arborising_vessels(
    rng: np.random.Generator,
    shape: Shape,
    centre: tuple[float, float],
    radius: float,
    trunks: int,
) -> Field:
    """Bright red vessels that branch like trees, from the border inwards and thick to thin, as in
    basal cell carcinoma."""
    image = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(image)
    for _ in range(trunks):
        angle = rng.uniform(0, 2 * np.pi)
        start = radius * rng.uniform(0.75, 1.05)
        x, y = centre[0] + start * np.cos(angle), centre[1] + start * np.sin(angle)
        heading = angle + np.pi + rng.normal(0, 0.6)
        length = radius * rng.uniform(0.6, 1.1)
        _branch(rng, draw, (x, y, heading), length=length, width=radius / rng.uniform(38, 60))
    return _soft(image, 0.8)


def streaks(
    rng: np.random.Generator, shape: Shape, centre: tuple[float, float], radius: float, count: int
) -> Field:
    """Radial lines and pseudopods that leave the border over a part of the circumference."""
    image = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(image)
    start, width = rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 2.8)
    for _ in range(count):
        angle = start + rng.uniform(0, width)
        inner, outer = radius * rng.uniform(0.65, 0.9), radius * rng.uniform(0.93, 1.06)
        ends = [
            (centre[0] + r * np.cos(angle), centre[1] + r * np.sin(angle)) for r in (inner, outer)
        ]
        draw.line(ends, fill=int(rng.integers(110, 200)), width=max(1, round(radius / 50)))
        knob = radius / rng.uniform(38, 70)
        x, y = ends[1]
        draw.ellipse((x - knob, y - knob, x + knob, y + knob), fill=170)
    return _soft(image, 1.6)


def fissures(rng: np.random.Generator, shape: Shape, cells: float) -> Field:
    """Furrows between ridges, as on the surface of a brain."""
    field = noise(rng, shape, cells) + 0.4 * noise(rng, shape, cells * 2)
    return 1 - step(np.abs(field), 0.03, 0.16)


def _places(rng: np.random.Generator, where: Field, count: int) -> list[tuple[float, float]]:
    """Points drawn with the likelihood that `where` gives."""
    coarse = np.clip(where[::4, ::4], 0, None)
    total = float(coarse.sum())
    if total <= 0 or count <= 0:
        return []
    chosen = np.searchsorted(np.cumsum(coarse.ravel()) / total, rng.uniform(0, 0.999, count))
    rows, columns = np.divmod(chosen, coarse.shape[1])
    shift = rng.uniform(0, 4, (count, 2))
    return [
        (float(c * 4 + s[0]), float(r * 4 + s[1]))
        for r, c, s in zip(rows, columns, shift, strict=True)
    ]


def _branch(
    rng: np.random.Generator,
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float, float],
    *,
    length: float,
    width: float,
) -> None:
    x, y, heading = at
    pieces = 14
    for _ in range(pieces):
        heading += rng.normal(0, 0.22)
        end = (x + length / pieces * np.cos(heading), y + length / pieces * np.sin(heading))
        draw.line([(x, y), end], fill=220, width=max(1, round(width)))
        x, y = end
        if width > 1.2 and rng.random() < 0.16:
            turned = heading + rng.choice([-1, 1]) * rng.uniform(0.5, 1.1)
            _branch(rng, draw, (x, y, turned), length=length * 0.55, width=width * 0.6)
        width *= 1 - 0.35 / pieces


def _soft(image: Image.Image, radius: float) -> Field:
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)
    return blurred / np.float32(255)
