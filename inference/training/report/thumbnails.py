"""Small pictures of the worst mistakes, inside the page."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from inference.engine.preprocess import load_image

SIDE = 192  # pixels, twice what the page shows, for sharp screens and paper
QUALITY = 80


def thumbnails(paths: Mapping[str, Path], image_ids: Iterable[str]) -> dict[str, str]:
    """Data URIs of the square that the model sees, as JPEG, by image id."""
    return {image_id: _data_uri(paths[image_id]) for image_id in set(image_ids)}


def _data_uri(path: Path) -> str:
    stream = BytesIO()
    # Decoded anew, so that no EXIF of the file comes along.
    Image.fromarray(load_image(path, SIDE)).save(stream, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(stream.getvalue()).decode()}"
