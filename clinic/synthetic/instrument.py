"""What lies between a lesion and its picture: hair, gel, the scale, the lens, and our own mark."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from clinic.synthetic.fields import plane, step

Rng = np.random.Generator
MARK = "SYNTHETIC"


def add_hairs(rng: Rng, image: Image.Image, count: int) -> Image.Image:
    """Bent hairs across the picture, each with a lighter edge where it catches the light."""
    if count == 0:
        return image
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    width, height = image.size
    lie = rng.uniform(0, np.pi)
    for _ in range(count):
        start = np.array([rng.uniform(0, width), rng.uniform(0, height)])
        heading = lie + rng.normal(0, 0.45)
        length = min(width, height) * rng.uniform(0.25, 0.8)
        way = length * np.array([np.cos(heading), np.sin(heading)])
        side = np.array([-way[1], way[0]]) * rng.normal(0, 0.18)
        t = np.linspace(0, 1, 24)[:, None]
        curve = start + t * way + 4 * t * (1 - t) * side
        thickness = max(1, round(min(width, height) / rng.uniform(220, 420)))
        draw.line([tuple(point) for point in curve.tolist()], fill=215, width=thickness)
    mask = mask.filter(ImageFilter.GaussianBlur(min(width, height) / 1100))
    shine = ImageChops.offset(mask, 2, -2).point(lambda value: value // 5)
    image.paste((236, 220, 208), mask=shine)
    image.paste((46, 32, 26), mask=mask)
    return image


def add_bubbles(rng: Rng, image: Image.Image, count: int) -> Image.Image:
    """Air in the immersion gel: thin bright rims, a dark inner line and one highlight."""
    light, dark = Image.new("L", image.size, 0), Image.new("L", image.size, 0)
    bright, shade = ImageDraw.Draw(light), ImageDraw.Draw(dark)
    width, height = image.size
    for _ in range(count):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        r = min(width, height) * float(rng.choice([0.008, 0.012, 0.02, 0.035]))
        bright.ellipse((x - r, y - r, x + r, y + r), outline=140, width=2)
        inner = r * 0.86
        shade.ellipse((x - inner, y - inner, x + inner, y + inner), outline=70, width=2)
        spark = r * 0.22
        bright.ellipse((x - r / 2, y - r / 2, x - r / 2 + spark, y - r / 2 + spark), fill=220)
    image.paste((255, 250, 244), mask=light.filter(ImageFilter.GaussianBlur(1)))
    image.paste((60, 40, 34), mask=dark.filter(ImageFilter.GaussianBlur(1)))
    return image


def add_scale(image: Image.Image) -> Image.Image:
    """The millimetre marks of a contact plate along the left edge."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    spacing = height / 13
    for mark in range(1, 13):
        y = mark * spacing
        long = mark % 5 == 0
        draw.line((0, y, width * (0.030 if long else 0.017), y), fill=(34, 30, 30), width=2)
        if long:
            font = ImageFont.load_default(size=height / 40)
            draw.text((width * 0.034, y), str(mark), fill=(34, 30, 30), font=font, anchor="lm")
    return image


def add_lens(rng: Rng, image: Image.Image, *, ring: bool) -> Image.Image:
    """Light falls off to the corners; with `ring`, the black tube of the dermatoscope shows."""
    shape = (max(2, image.height // 4), max(2, image.width // 4))
    x, y = plane(shape)
    distance = np.hypot(x + rng.uniform(-0.05, 0.05), y + rng.uniform(-0.05, 0.05))
    light = 1 - rng.uniform(0.05, 0.12) * distance**2
    if ring:
        light = light * step(distance, 1.19, 1.13)
    shade = Image.fromarray((255 * np.clip(light, 0, 1)).astype(np.uint8))
    shade = shade.resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def add_grain(rng: Rng, image: Image.Image, strength: float) -> Image.Image:
    """The sensor's noise, the same in all colours; `strength` 0 to 1 of half the range."""
    grain = rng.integers(0, 256, (image.height, image.width), dtype=np.uint8)
    band = Image.fromarray(grain).filter(ImageFilter.GaussianBlur(0.6))
    noisy = ImageChops.add(image, Image.merge("RGB", (band, band, band)), scale=1, offset=-128)
    return Image.blend(image, noisy, strength)


def add_mark(image: Image.Image) -> Image.Image:
    """The word that keeps a made-up picture from passing for a real one, lower right."""
    draw = ImageDraw.Draw(image)
    size = max(9.0, min(image.size) / 38)
    font = ImageFont.load_default(size=size)
    right, bottom = image.width - size * 0.6, image.height - size * 0.5
    left, top, *_ = draw.textbbox((right, bottom), MARK, font=font, anchor="rb")
    draw.rectangle(
        (left - size * 0.4, top - size * 0.3, image.width, image.height), fill=(24, 24, 24)
    )
    draw.text((right, bottom), MARK, fill=(238, 238, 238), font=font, anchor="rb")
    return image
