"""From an image file to the network's square, whatever the file."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from inference.engine.package import Preprocessing
from inference.engine.preprocess import UnreadableImageError, centre_square, load_image, to_batch

ORIENTATION = 0x0112


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def framed(width: int, height: int) -> Image.Image:
    """A blue picture whose centre square is red."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    image.paste((255, 0, 0), centre_square(width, height))
    return image


@pytest.mark.parametrize("size", [(600, 450), (450, 600), (300, 300), (97, 41)])
def test_the_centre_square_is_taken(size: tuple[int, int]) -> None:
    square = load_image(encoded(framed(*size)), 32)
    assert square.shape == (32, 32, 3)
    assert square.dtype == np.uint8
    assert (square == (255, 0, 0)).all()


def test_a_path_bytes_and_a_stream_give_the_same(tmp_path: Path) -> None:
    content = encoded(framed(80, 60))
    (tmp_path / "image.png").write_bytes(content)
    from_path = load_image(tmp_path / "image.png", 16)
    assert (from_path == load_image(content, 16)).all()
    assert (from_path == load_image(BytesIO(content), 16)).all()


def test_a_large_jpeg_decoded_small_looks_like_one_decoded_whole() -> None:
    y, x = np.mgrid[0:1200, 0:1600] / 1200
    waves = np.stack([np.sin(9 * x), np.cos(7 * y), np.sin(5 * (x + y))], axis=2)
    content = encoded(Image.fromarray((127 + 120 * waves).astype(np.uint8)), "JPEG", quality=95)
    whole = Image.open(BytesIO(content)).convert("RGB")
    expected = whole.resize((64, 64), Image.Resampling.BICUBIC, box=centre_square(1600, 1200))
    difference = load_image(content, 64).astype(int) - np.asarray(expected).astype(int)
    assert np.abs(difference).mean() < 1.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_taken_sideways_is_turned_upright(orientation: int, kind: str) -> None:
    upright = np.zeros((40, 40, 3), dtype=np.uint8)
    upright[:20, :20] = 255  # the upper left quarter is white
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, 3),
    }[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = Image.fromarray(np.ascontiguousarray(undo(upright)))
    square = load_image(encoded(stored, kind, exif=exif), 40)
    assert square[5:15, 5:15].mean() > 240
    assert square[25:35, 25:35].mean() < 15
    assert square[5:15, 25:35].mean() < 15


def test_grey_transparent_palette_and_deep_images_become_rgb() -> None:
    grey = Image.new("L", (20, 20), 100)
    assert (load_image(encoded(grey), 8) == 100).all()
    transparent = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert (load_image(encoded(transparent), 8) == 255).all()
    palette = Image.new("RGB", (20, 20), (10, 200, 30)).quantize(4)
    assert np.abs(load_image(encoded(palette), 8).astype(int) - (10, 200, 30)).max() <= 2
    deep = Image.fromarray(np.full((20, 20), 100 << 8, dtype=np.uint16))
    assert (load_image(encoded(deep), 8) == 100).all()
    print_colours = Image.new("CMYK", (20, 20), (0, 255, 255, 0))
    red = load_image(encoded(print_colours, "JPEG"), 8)
    assert red[..., 0].min() > 200
    assert red[..., 1:].max() < 90


def test_an_icc_profile_is_applied_and_a_broken_one_ignored() -> None:
    image = Image.new("RGB", (20, 20), (100, 150, 200))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = load_image(encoded(image, icc_profile=srgb), 8)
    assert np.abs(same.astype(int) - (100, 150, 200)).max() <= 1
    broken = load_image(encoded(image, icc_profile=b"no profile"), 8)
    assert (broken == (100, 150, 200)).all()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90 a program",
        encoded(framed(200, 150), "JPEG")[:-800],
        encoded(framed(200, 150))[:300],
    ],
    ids=["empty", "program", "truncated jpeg", "truncated png"],
)
def test_what_cannot_be_decoded_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="cannot be decoded"):
        load_image(content, 32)


def test_a_batch_is_normalised_channels_first() -> None:
    preprocessing = Preprocessing(size=4, mean=(0.0, 0.5, 1.0), std=(1.0, 0.5, 0.25))
    image = np.full((4, 4, 3), (255, 255, 255), dtype=np.uint8)
    batch = to_batch([image, np.zeros_like(image)], preprocessing)
    assert batch.shape == (2, 3, 4, 4)
    assert batch.dtype == np.float32
    assert batch.flags["C_CONTIGUOUS"]
    np.testing.assert_allclose(batch[0, :, 0, 0], [1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(batch[1, :, 0, 0], [0, -1, -4], atol=1e-6)
