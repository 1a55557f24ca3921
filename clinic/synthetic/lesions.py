"""One recipe a diagnosis: its outline, and the structures that make it look like itself.

The keys are HAM10000's seven classes. A recipe is a caricature: typical, not diagnostic.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clinic.synthetic import structures
from clinic.synthetic.fields import Field, Shape, cloud, noise, plane, step
from clinic.synthetic.skin import Tissue

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Outline:
    """`inside` is 1 in the lesion and 0 in skin, `near` reaches a little further out; `depth` is
    0 at the border, 1 in the middle; `centre` and `radius` in px of the field."""

    inside: Field
    near: Field
    depth: Field
    centre: tuple[float, float]
    radius: float

    @property
    def shape(self) -> Shape:
        """Height and width, px."""
        height, width = self.inside.shape
        return height, width

    def cells(self, waves: float) -> float:
        """How finely noise must vary for so many waves in a picture this lesion would fill."""
        return waves * 0.32 * min(self.shape) / self.radius

    @property
    def rim(self) -> Field:
        """A band just within the border."""
        return self.inside * (1 - step(self.depth, 0.15, 0.45))


@dataclass(frozen=True, slots=True)
class Recipe:
    """`irregular` and `ragged`: strength of the border's slow and fast waves; `soft`: width of the
    border by the radius; `radius`: range, in halves of the picture's shorter side."""

    fill: Callable[[Rng, Outline, Tissue], None]
    irregular: float
    ragged: float
    soft: float
    radius: tuple[float, float]
    elongated: float = 0.2


def draw_outline(
    rng: Rng,
    shape: Shape,
    recipe: Recipe,
    scale: float = 1.0,
    at: tuple[float, float] | None = None,
) -> Outline:
    """A closed line of low waves around a point near the middle, frayed by noise."""
    x, y = plane(shape)
    centre = at if at is not None else (rng.uniform(-0.15, 0.15), rng.uniform(-0.12, 0.12))
    radius = rng.uniform(*recipe.radius) * scale
    turn = rng.uniform(0, np.pi)
    dx, dy = x - centre[0], y - centre[1]
    along = dx * np.cos(turn) + dy * np.sin(turn)
    across = (dy * np.cos(turn) - dx * np.sin(turn)) * (1 + rng.uniform(0, recipe.elongated))
    border = _waves(rng, recipe.irregular, np.arctan2(across, along)) + recipe.ragged * cloud(
        rng, shape, 5 / max(radius, 0.1)
    )
    depth = 1 - np.hypot(along, across) / (radius * np.clip(border, 0.35, 2))
    half = min(shape) / 2
    middle = ((shape[1] - 1) / 2 + centre[0] * half, (shape[0] - 1) / 2 + centre[1] * half)
    inside = step(depth, -recipe.soft, recipe.soft)
    near = step(depth, -0.2, -0.08)
    return Outline(inside, near, np.clip(depth, 0, 1), middle, radius * half)


def _waves(rng: Rng, strength: float, angle: Field) -> Field:
    """The border's distance by direction, around 1: five waves, looked up in a table of degrees."""
    degrees = np.radians(np.arange(-180, 181, dtype=np.float32))
    table = np.ones_like(degrees)
    for wave in range(2, 7):
        swing = strength * rng.normal(0, 1) / wave
        table += swing * np.cos(wave * degrees + rng.uniform(0, 2 * np.pi))
    border: Field = table[np.rint(np.degrees(angle)).astype(np.int16) + 180]
    return border


def _nevus(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Even brown, a regular network that thins out towards the border; or even globules."""
    inside, shape = outline.inside, outline.shape
    base = rng.uniform(0.28, 0.55)
    middle = step(outline.depth, 0.0, 0.8)
    tissue.melanin += inside * (
        base * (0.55 + 0.6 * middle) + 0.07 * cloud(rng, shape, outline.cells(4))
    )
    tissue.blood += 0.05 * inside
    if rng.random() < 0.7:
        net = structures.network(rng, shape, spacing=outline.radius / rng.uniform(11, 15))
        tissue.melanin += inside * net * (0.52 - 0.26 * middle)
    else:
        count = int(rng.integers(90, 150))
        size = (outline.radius / 42, outline.radius / 24)
        tissue.melanin += 0.5 * inside * structures.dots(rng, inside, count, size)


def _melanoma(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Several colours out of balance: thick network, blotches, veil, streaks, regression."""
    inside, shape = outline.inside, outline.shape
    tilt = noise(rng, shape, outline.cells(1.4))
    tissue.melanin += inside * (0.55 + 0.35 * tilt + 0.16 * cloud(rng, shape, outline.cells(5)))
    tissue.blood += inside * (0.04 + 0.28 * structures.blotches(rng, shape, outline.cells(3), 0.2))
    net = structures.network(rng, shape, outline.radius / rng.uniform(10, 14), contrast=2.2)
    tissue.melanin += inside * net * (0.60 + 0.40 * tilt)
    tissue.melanin += (
        1.25 * inside * structures.blotches(rng, shape, outline.cells(2.6), rng.uniform(0.18, 0.3))
    )
    size = (outline.radius / 60, outline.radius / 22)
    spots = structures.dots(rng, outline.rim, int(rng.integers(25, 60)), size, soft=1.2)
    tissue.melanin += 0.9 * spots * outline.near
    rays = structures.streaks(rng, shape, outline.centre, outline.radius, int(rng.integers(8, 26)))
    tissue.melanin += 0.8 * rays * outline.near
    veil = structures.blotches(rng, shape, outline.cells(2.2), 0.22) * step(
        outline.depth, 0.1, 0.35
    )
    veil = veil * (0.8 + 0.35 * cloud(rng, shape, outline.cells(7)))
    tissue.cover(rng.uniform(0.45, 0.65) * veil, (116, 126, 154))
    if rng.random() < 0.6:
        scar = structures.blotches(rng, shape, outline.cells(2.4), 0.12) * step(
            outline.depth, 0.08, 0.3
        )
        tissue.cover(0.5 * scar, (226, 200, 194))


def _benign_keratosis(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Stuck on and sharply ended, waxy yellow to brown, with ridges, milia and comedo openings."""
    inside, shape = outline.inside, outline.shape
    tissue.melanin += inside * (rng.uniform(0.3, 0.6) + 0.14 * cloud(rng, shape, outline.cells(6)))
    tissue.melanin += 0.38 * inside * structures.fissures(rng, shape, outline.cells(9))
    tissue.melanin += 0.12 * outline.rim
    within = step(outline.depth, 0.08, 0.25)
    size = outline.radius / 26
    openings = structures.dots(rng, within, int(rng.integers(6, 18)), (size * 0.7, size * 1.9))
    tissue.melanin += 1.3 * openings
    tissue.cover(0.20 * inside, (206, 164, 104))
    milia = structures.dots(rng, within, int(rng.integers(10, 26)), (size * 0.4, size), soft=1.6)
    tissue.cover(0.65 * milia, (248, 236, 208))


def _basal_cell_carcinoma(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Pearly pink, branching vessels, blue-grey nests, an erosion; no network."""
    inside, shape = outline.inside, outline.shape
    tissue.blood += inside * (0.20 + 0.10 * cloud(rng, shape, outline.cells(4)))
    tissue.cover(0.28 * inside * (0.7 + 0.3 * noise(rng, shape, outline.cells(5))), (240, 214, 212))
    nests = structures.dots(
        rng, outline.rim + 0.4 * inside, int(rng.integers(6, 16)),
        (outline.radius / 18, outline.radius / 8), soft=2.2,
    )  # fmt: skip
    tissue.cover(0.72 * nests * inside, (98, 100, 122))
    vessels = structures.arborising_vessels(
        rng, shape, outline.centre, outline.radius, int(rng.integers(4, 8))
    )
    tissue.cover(0.72 * vessels * (0.3 + 0.7 * inside), (176, 38, 44))
    if rng.random() < 0.6:
        sore = structures.blotches(rng, shape, outline.cells(4), 0.06) * step(
            outline.depth, 0.25, 0.5
        )
        tissue.cover(0.85 * sore, (126, 44, 34))


def _actinic_keratosis(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Red pseudo-network around pale follicles, with white to yellow scale; ill defined."""
    inside, shape = outline.inside, outline.shape
    net = structures.network(rng, shape, spacing=outline.radius / 7)
    tissue.blood += inside * (0.18 + 0.34 * net + 0.10 * cloud(rng, shape, outline.cells(4)))
    tissue.melanin += 0.10 * inside
    size = outline.radius / 26
    follicles = structures.dots(rng, inside, int(rng.integers(30, 60)), (size * 0.7, size * 1.2))
    tissue.cover(0.55 * follicles * inside, (244, 216, 178))
    scale = structures.blotches(rng, shape, outline.cells(7), 0.2) * structures.blotches(
        rng, shape, outline.cells(22), 0.5
    )
    tissue.cover(0.78 * scale * inside, (246, 236, 216))


def _vascular(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """Crowded red to purple lacunae between pale septa."""
    inside, shape = outline.inside, outline.shape
    tissue.blood += 0.45 * inside
    size = outline.radius / rng.uniform(5.5, 8)
    lakes = structures.dots(
        rng, inside, int(rng.integers(45, 80)), (size * 0.6, size * 1.15), soft=1.6
    )
    purple = step(noise(rng, shape, outline.cells(3)), -0.2, 0.6)
    tissue.blood += lakes * inside * (1.0 + 0.5 * purple)
    tissue.melanin += 0.35 * lakes * inside * purple
    tissue.cover(0.22 * inside * (1 - lakes), (226, 186, 190))


def _dermatofibroma(rng: Rng, outline: Outline, tissue: Tissue) -> None:
    """A white scar-like patch in the middle and a delicate network around it."""
    inside, shape = outline.inside, outline.shape
    ring = inside * (1 - step(outline.depth, 0.35, 0.65))
    tissue.melanin += inside * (0.20 + 0.05 * cloud(rng, shape, outline.cells(4))) + 0.12 * ring
    tissue.blood += 0.16 * inside
    net = structures.network(rng, shape, spacing=outline.radius / 11)
    tissue.melanin += 0.34 * ring * net
    patch = step(outline.depth + 0.10 * cloud(rng, shape, outline.cells(6)), 0.4, 0.72)
    tissue.cover(0.62 * patch * inside, (240, 214, 204))
    shine = structures.fissures(rng, shape, outline.cells(8)) * patch
    tissue.cover(0.35 * shine * inside, (250, 234, 230))


RECIPES: dict[str, Recipe] = {
    "nv": Recipe(_nevus, 0.08, 0.05, 0.13, (0.42, 0.62), 0.35),
    "mel": Recipe(_melanoma, 0.19, 0.15, 0.09, (0.55, 0.78), 0.5),
    "bkl": Recipe(_benign_keratosis, 0.10, 0.06, 0.03, (0.45, 0.70), 0.5),
    "bcc": Recipe(_basal_cell_carcinoma, 0.12, 0.05, 0.12, (0.48, 0.70), 0.3),
    "akiec": Recipe(_actinic_keratosis, 0.14, 0.11, 0.22, (0.50, 0.75), 0.4),
    "vasc": Recipe(_vascular, 0.08, 0.03, 0.05, (0.35, 0.55), 0.25),
    "df": Recipe(_dermatofibroma, 0.06, 0.04, 0.16, (0.42, 0.58), 0.25),
}
DIAGNOSES = tuple(RECIPES)
