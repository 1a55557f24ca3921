"""Finding images by their identifier."""

import os
from pathlib import Path

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


def index_images(root: Path) -> dict[str, Path]:
    """Map image_id to file for every image below `root` (HAM10000 comes in two folders)."""
    return {
        Path(name).stem: Path(folder, name)
        for folder, _, names in os.walk(root)
        for name in names
        if Path(name).suffix.lower() in SUFFIXES
    }
