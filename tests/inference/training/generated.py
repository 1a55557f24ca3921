"""A generated data set in the HAM10000 layout: blots on skin whose colour tells the class."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
COLOURS = (
    (200, 120, 110),
    (170, 150, 190),
    (150, 110, 60),
    (120, 140, 60),
    (40, 30, 40),
    (110, 70, 40),
    (190, 20, 40),
)
DX_TYPES = ("histo", "follow_up", "consensus")


def make_data_set(folder: Path, *, lesions_a_class: int = 12, size: int = 48) -> tuple[Path, Path]:
    """Write images and metadata; every second lesion has two images. Returns both paths."""
    random = np.random.default_rng(0)
    images = folder / "images"
    images.mkdir(parents=True)
    rows = []
    for label, colour in zip(CODES, COLOURS, strict=True):
        for lesion in range(lesions_a_class):
            for view in range(1 + lesion % 2):
                image_id = f"{label}_{lesion:02d}_{view}"
                picture = _blot(np.array(colour), size, random)
                Image.fromarray(picture).save(images / f"{image_id}.jpg", quality=90)
                rows.append(
                    {
                        "lesion_id": f"L_{label}_{lesion}",
                        "image_id": image_id,
                        "dx": label,
                        "dx_type": DX_TYPES[lesion % 3],
                        "age": 30 + 5 * lesion,
                        "sex": ("female", "male")[lesion % 2],
                        "localization": "back",
                    }
                )
    metadata = folder / "metadata.csv"
    with metadata.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return images, metadata


def _blot(colour: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    centre = random.uniform(-0.3, 0.3, 2)
    angle = np.arctan2(y - centre[0], x - centre[1])
    radius = random.uniform(0.3, 0.6) * (
        1
        + random.uniform(0.05, 0.25) * np.sin(random.integers(2, 6) * angle + random.uniform(0, 6))
    )
    inside = 1 / (1 + np.exp((np.hypot(y - centre[0], x - centre[1]) - radius) * 25))
    skin = np.array((225, 175, 165)) + random.uniform(-12, 12, 3)
    picture = (
        skin * (1 - inside[..., None]) + (colour + random.uniform(-8, 8, 3)) * inside[..., None]
    )
    return (picture + random.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
