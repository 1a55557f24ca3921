"""Masks: known shapes, counted pixel by pixel, as an independent reader of PNG sees them."""

import io
import math
import tracemalloc
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from clinic.annotation.archive import write_masks
from clinic.annotation.masks import file_stem, mask_name, mask_png
from clinic.annotation.raster import Point
from clinic.annotation.region import read_target
from clinic.annotation.shapes import Ellipse, Rectangle, has_area

SQUARE = [(10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0)]


def mask(*outlines: Sequence[Point], width: int = 200, height: int = 120) -> Image.Image:
    """As Pillow decodes it."""
    content = b"".join(mask_png(outlines, width=width, height=height))
    image = Image.open(io.BytesIO(content))
    image.load()
    assert (image.mode, image.size, image.format) == ("L", (width, height), "PNG")
    return image


def inside(image: Image.Image) -> int:
    """Pixels of 255; there is nothing but 0 and 255."""
    counts = image.histogram()
    assert counts[0] + counts[255] == image.width * image.height
    return counts[255]


def test_a_square_of_ten_pixels_is_a_hundred_pixels_at_its_place() -> None:
    image = mask(SQUARE)
    assert inside(image) == 100
    assert image.getbbox() == (10, 10, 20, 20)


def test_a_pixel_is_inside_when_its_middle_is() -> None:
    assert mask([(10.4, 10.4), (19.6, 10.4), (19.6, 19.6), (10.4, 19.6)]).getbbox() == (
        10, 10, 20, 20,
    )  # fmt: skip
    assert mask([(10.6, 10.6), (19.4, 10.6), (19.4, 19.4), (10.6, 19.4)]).getbbox() == (
        11, 11, 19, 19,
    )  # fmt: skip


@pytest.mark.parametrize("angle", [0, 17, 45, 90])
def test_the_area_is_that_of_geometry(angle: float) -> None:
    ellipse = Ellipse(500, 400, 300, 180, angle).outline()
    found = inside(mask(ellipse, width=1000, height=800))
    assert found == pytest.approx(math.pi * 300 * 180, rel=5e-4)
    rectangle = Rectangle(300, 250, 400, 300, angle).outline()
    found = inside(mask(rectangle, width=1000, height=800))
    assert found == pytest.approx(400 * 300, rel=2e-3)


def test_the_whole_image_and_what_reaches_over_its_edge() -> None:
    assert inside(mask([(0, 0), (200, 0), (200, 120), (0, 120)])) == 200 * 120
    assert inside(mask([(-50, -50), (100, -50), (100, 300), (-50, 300)])) == 100 * 120


def test_an_outline_that_crosses_itself_has_no_hole() -> None:
    # A ring that overlaps where the hand closed it: drawn round once and a quarter.
    around = [
        (100 + 40 * math.cos(t * math.pi / 50), 60 + 40 * math.sin(t * math.pi / 50))
        for t in range(125)
    ]
    assert inside(mask(around)) == pytest.approx(math.pi * 40 * 40, rel=0.01)
    bow_tie = [(10.0, 10.0), (50.0, 50.0), (50.0, 10.0), (10.0, 50.0)]
    assert inside(mask(bow_tie)) == pytest.approx(800, abs=42)


def test_several_regions_of_a_label_are_joined() -> None:
    apart = [(100.0, 10.0), (110.0, 10.0), (110.0, 20.0), (100.0, 20.0)]
    across = [(15.0, 15.0), (25.0, 15.0), (25.0, 25.0), (15.0, 25.0)]
    backwards = across[::-1]
    assert inside(mask(SQUARE, apart)) == 200
    assert inside(mask(SQUARE, across)) == inside(mask(SQUARE, backwards)) == 175
    assert inside(mask()) == 0


def test_a_rectangle_goes_through_the_whole_way_without_losing_a_pixel() -> None:
    target = {"selector": {"type": "FragmentSelector", "value": "xywh=pixel:30,40,50,60"}}
    found = read_target(target, width=200, height=120)
    assert mask(found.points).getbbox() == (30, 40, 80, 100)


grid = st.integers(0, 60).map(float)


@settings(deadline=None)
@given(st.lists(st.tuples(grid, grid), min_size=3, max_size=3).filter(has_area))
def test_triangles_agree_with_what_is_left_and_right_of_their_sides(corners: list[Point]) -> None:
    image = mask(corners, width=60, height=60)
    wrong = 0
    for row in range(60):
        for column in range(60):
            x, y = column + 0.5, row + 0.5
            turns = [
                (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)
            ]
            if 0 in turns:
                continue  # on a side: either is right
            within = all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)
            wrong += within != bool(image.getpixel((column, row)))
    assert wrong == 0


def test_a_mask_moves_with_its_region() -> None:
    moved = [(x + 7, y + 5) for x, y in SQUARE]
    assert ImageChops.difference(
        ImageChops.offset(mask(SQUARE), 7, 5), mask(moved)
    ).getbbox() is None  # fmt: skip


def test_a_picture_of_twelve_megapixels_costs_little_memory() -> None:
    outlines = {
        "lesion_border": [Ellipse(2000, 1500, 1400, 1100).outline()],
        "globules": [Ellipse(100 + 9 * n, 1500, 40, 40).outline() for n in range(60)],
        "streaks": [Rectangle(10, 10, 3900, 2900).outline()],
    }
    file = io.BytesIO()
    tracemalloc.start()
    write_masks(file, outlines, stem="ISIC_0000001", width=4000, height=3000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 1024**2  # one mask of it is 12 MB
    with zipfile.ZipFile(file) as archive:
        border = Image.open(archive.open("ISIC_0000001_segmentation.png"))
        assert border.size == (4000, 3000)
        assert border.histogram()[255] == pytest.approx(math.pi * 1400 * 1100, rel=1e-4)


def test_the_archive_has_one_mask_for_each_label_that_is_present_named_as_isic_2018() -> None:
    file = io.BytesIO()
    outlines = {"globules": [SQUARE], "lesion_border": [SQUARE], "streaks": [], "other": [SQUARE]}
    write_masks(file, outlines, stem="ISIC_0012345", width=40, height=30)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "ISIC_0012345_segmentation.png",
            "ISIC_0012345_attribute_globules.png",
            "ISIC_0012345_attribute_other.png",
        ]


def test_the_same_regions_make_the_same_bytes() -> None:
    def archive() -> bytes:
        file = io.BytesIO()
        write_masks(file, {"globules": [SQUARE]}, stem="a", width=40, height=30)
        return file.getvalue()

    assert archive() == archive()


@pytest.mark.parametrize(
    "reference", ["", "../../etc/passwd", "a/b", "name.png", "a\r\nb", "ÄÖ", "x" * 81, "-x"]
)
def test_only_a_plain_reference_names_a_file(reference: str) -> None:
    assert file_stem(key="the-key", source_reference=reference) == "the-key"
    assert file_stem(key="the-key", source_reference="ISIC_0000001") == "ISIC_0000001"
    assert mask_name(stem="i", label="milia_like_cyst") == "i_attribute_milia_like_cyst.png"
