"""Skin by Fitzpatrick type, and the light that comes back from what lies in it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinic.synthetic.fields import Field, Shape, cloud, honeycomb, noise

Colour = tuple[int, int, int]
Picture = NDArray[np.float32]
"""RGB, 0 to 255, shape (height, width, 3)."""

TONES: dict[int, Colour] = {
    1: (238, 203, 190),
    2: (230, 186, 166),
    3: (214, 165, 138),
    4: (184, 132, 102),
    5: (140, 94, 69),
    6: (98, 64, 48),
}
"""Fitzpatrick type to its colour through a dermatoscope's white light, sRGB."""

# How strongly each pigment takes red, green and blue out of the light, per unit of density.
_MELANIN = np.array([0.66, 0.98, 1.24], np.float32)
_BLOOD = np.array([0.20, 1.05, 0.85], np.float32)


@dataclass(slots=True)
class Tissue:
    """What a lesion adds to skin: densities of pigment, and what lies over it or scatters."""

    melanin: Field
    blood: Field
    veils: list[tuple[Field, Colour]] = field(default_factory=list)

    @classmethod
    def empty(cls, shape: Shape) -> "Tissue":
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def cover(self, opacity: Field, colour: Colour) -> None:
        """Lay a translucent colour over everything so far."""
        self.veils.append((np.clip(opacity, 0, 1), colour))


def make_skin(rng: np.random.Generator, shape: Shape, fitzpatrick: int) -> Picture:
    """Bare skin: its tone, uneven blood and pigment, and the furrows of its surface."""
    tone = np.array(TONES[fitzpatrick], np.float32) * rng.uniform(0.95, 1.03)
    tone = tone + rng.normal(0, 2.5, 3).astype(np.float32)
    blush = 0.05 * cloud(rng, shape, 2.5) + 0.02 * noise(rng, shape, 40)
    pigment = 0.04 * cloud(rng, shape, 3) + 0.018 * noise(rng, shape, 70)
    furrows, plateaus = honeycomb(rng, shape, spacing=min(shape) / 34, warp=0.5)
    pigment = pigment + 0.026 * furrows - 0.012 * plateaus
    return tone * _through(pigment, blush)


def light_through(skin: Picture, tissue: Tissue) -> Picture:
    """Beer and Lambert's law for each colour, then the veils."""
    picture = skin * _through(tissue.melanin, tissue.blood)
    for opacity, colour in tissue.veils:
        alpha = opacity[..., None]
        picture = picture * (1 - alpha) + np.array(colour, np.float32) * alpha
    return picture


def _through(melanin: Field, blood: Field) -> Picture:
    light: Picture = np.exp(-(melanin[..., None] * _MELANIN + blood[..., None] * _BLOOD))
    return light
