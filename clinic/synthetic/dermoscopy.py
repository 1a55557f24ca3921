"""Pictures of lesions that nobody has: dermoscopic, close-up and overview, the same for a seed.

Made at half size and enlarged, because optics are softer than pixels; then hair, gel, lens, grain
and the mark at full size. About 120 ms for 1200 x 900 px on one core.
"""

import io
import zlib

import numpy as np
from PIL import Image, ImageFilter

from clinic.synthetic.fields import Shape, cloud
from clinic.synthetic.instrument import (
    add_bubbles,
    add_grain,
    add_hairs,
    add_lens,
    add_mark,
    add_scale,
)
from clinic.synthetic.lesions import RECIPES, Outline, Recipe, draw_outline
from clinic.synthetic.skin import Picture, Tissue, light_through, make_skin

__all__ = ["as_jpeg", "make_close_up", "make_dermoscopic_image", "make_overview"]


def make_dermoscopic_image(
    seed: int,
    *,
    width: int = 1200,
    height: int = 900,
    diagnosis: str = "nv",
    fitzpatrick: int | None = None,
) -> Image.Image:
    """A lesion through a dermatoscope, RGB. `diagnosis` is one of `lesions.DIAGNOSES`; without a
    Fitzpatrick type (1 to 6) the seed chooses a light one, as in most collections."""
    rng = _generator("dermoscopic", seed, diagnosis)
    tone = _tone(rng, fitzpatrick)
    shape = (height // 2, width // 2)
    skin = make_skin(rng, shape, tone)
    tissue = Tissue.empty(shape)
    recipe = _recipe(diagnosis)
    recipe.fill(rng, draw_outline(rng, shape, recipe), tissue)
    image = _developed(light_through(skin, tissue), (width, height))
    image = add_hairs(rng, image, int(rng.choice([0, 0, 2, 5, 9, 16])))
    if rng.random() < 0.35:
        image = add_bubbles(rng, image, int(rng.integers(3, 14)))
    if rng.random() < 0.3:
        image = add_scale(image)
    image = add_lens(rng, image, ring=rng.random() < 0.3)
    return add_mark(add_grain(rng, image, 0.035))


def make_close_up(
    seed: int,
    *,
    width: int = 1200,
    height: int = 900,
    diagnosis: str = "nv",
    fitzpatrick: int | None = None,
) -> Image.Image:
    """The same kind of lesion from a hand's breadth, by room light: smaller, shadowed, shiny."""
    return _photograph("close_up", seed, (width, height), (diagnosis, fitzpatrick), scale=0.34)


def make_overview(
    seed: int,
    *,
    width: int = 1200,
    height: int = 900,
    diagnosis: str = "nv",
    fitzpatrick: int | None = None,
) -> Image.Image:
    """A part of the body with the lesion among a few ordinary moles."""
    return _photograph("overview", seed, (width, height), (diagnosis, fitzpatrick), scale=0.12)


def as_jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """The file a camera would have written, without metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _photograph(
    kind: str,
    seed: int,
    size: tuple[int, int],
    what: tuple[str, int | None],
    *,
    scale: float,
) -> Image.Image:
    diagnosis, fitzpatrick = what
    rng = _generator(kind, seed, diagnosis)
    tone = _tone(rng, fitzpatrick)
    shape = (size[1] // 2, size[0] // 2)
    skin = make_skin(rng, shape, tone)
    recipe = _recipe(diagnosis)
    tissue = Tissue.empty(shape)
    outlines = [draw_outline(rng, shape, recipe, scale)]
    recipe.fill(rng, outlines[0], tissue)
    for _ in range(int(rng.integers(3, 8)) if kind == "overview" else int(rng.integers(0, 2))):
        place = (rng.uniform(-1.2, 1.2), rng.uniform(-0.9, 0.9))
        mole = draw_outline(rng, shape, RECIPES["nv"], scale * rng.uniform(0.2, 0.45), place)
        tissue.melanin += mole.inside * rng.uniform(0.25, 0.6)
    picture = _lit_from_the_side(rng, light_through(skin, tissue), outlines[0])
    image = _developed(picture, size)
    image = add_hairs(rng, image, int(rng.choice([0, 3, 8])) if kind == "close_up" else 0)
    image = add_lens(rng, image, ring=False)
    return add_mark(add_grain(rng, image, 0.045))


def _lit_from_the_side(rng: np.random.Generator, picture: Picture, outline: Outline) -> Picture:
    """Room light: brighter on one side, the lesion slightly raised, the skin a little shiny."""
    shape: Shape = outline.shape
    height, width = shape
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.cos(angle)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.sin(angle)
    slope_down, slope_across = np.gradient(outline.inside + 0.03 * cloud(rng, shape, 30))
    relief = slope_across * np.cos(angle) + slope_down * np.sin(angle)
    light = 0.94 + 0.13 * (across + down) - 0.55 * relief
    lit: Picture = picture * np.clip(light, 0.4, 1.3)[..., None].astype(np.float32)
    return lit


def _developed(picture: Picture, size: tuple[int, int]) -> Image.Image:
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.UnsharpMask(radius=1, percent=60, threshold=0))
    return image.resize(size, Image.Resampling.BICUBIC)


def _recipe(diagnosis: str) -> Recipe:
    recipe = RECIPES.get(diagnosis)
    if recipe is None:
        raise ValueError(f"no recipe for {diagnosis!r}; there are {', '.join(RECIPES)}")
    return recipe


def _tone(rng: np.random.Generator, fitzpatrick: int | None) -> int:
    drawn = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.12, 0.36, 0.28, 0.12, 0.08, 0.04]))
    return drawn if fitzpatrick is None else fitzpatrick


def _generator(kind: str, seed: int, diagnosis: str) -> np.random.Generator:
    """The same numbers for the same request, on every machine and in every version of Python."""
    return np.random.default_rng([seed, zlib.crc32(f"{kind} {diagnosis}".encode())])
