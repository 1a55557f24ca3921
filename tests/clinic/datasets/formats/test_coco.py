"""COCO files, read by pycocotools, against the masks that we draw ourselves."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from clinic.annotation.masks import mask_lines
from clinic.annotation.raster import Point
from clinic.annotation.vocabulary import LABELS
from clinic.datasets.formats import FORMATS, DrawnRegion
from clinic.datasets.formats.coco import crosses_itself
from clinic.datasets.formats.run_lengths import run_lengths
from clinic.datasets.manifest import ManifestRow
from tests.clinic.datasets.formats.frozen import (
    CROSSING,
    ELLIPSE,
    HEIGHT,
    POLYGON,
    WIDTH,
    content_of,
    fragment,
    frozen,
    make_row,
    region_on,
    svg,
    twelve_rows,
    write_export,
)
from tests.clinic.datasets.formats.test_reading_back import documented

KEPT = [row for row in twelve_rows() if isinstance(row, ManifestRow)]
POINTS = st.lists(
    st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)), min_size=3, max_size=12
)  # fmt: skip


def our_mask(points: Any, *, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    lines = b"".join(mask_lines([points], width=width, height=height))
    return np.frombuffer(lines, dtype=np.uint8).reshape(height, width) // 255


def instances(*selectors: dict[str, str], label: str = "globules") -> dict[str, Any]:
    """`instances_train.json` of one image with these regions."""
    row = make_row(1, split="train")
    regions = [region_on(row, label=label, selector=selector) for selector in selectors]
    version = frozen([row], regions=lambda rows: regions)
    content = content_of(FORMATS["coco"], version, "annotations/instances_train.json")
    loaded: dict[str, Any] = json.loads(content)
    return loaded


# ---- Run lengths --------------------------------------------------------------------------------


@given(POINTS)
@settings(max_examples=300, deadline=None)  # a busy machine is no fault of the code
def test_run_lengths_are_our_mask_column_by_column(points: list[Point]) -> None:
    runs = run_lengths(points, width=WIDTH, height=HEIGHT)
    assert sum(runs.counts) == WIDTH * HEIGHT
    assert all(count > 0 for count in runs.counts[1:])
    mask = our_mask(points)
    size = [HEIGHT, WIDTH]
    encoded = coco_mask.frPyObjects({"counts": runs.counts, "size": size}, HEIGHT, WIDTH)
    assert np.array_equal(coco_mask.decode(encoded), mask)
    assert runs.area == mask.sum() == coco_mask.area(encoded)
    if runs.area:
        assert list(runs.box) == coco_mask.toBbox(encoded).tolist()
    else:
        assert runs.box == (0, 0, 0, 0)


def test_a_region_over_the_whole_picture_begins_with_nothing_outside() -> None:
    corners = [(0.0, 0.0), (WIDTH, 0.0), (WIDTH, HEIGHT), (0.0, HEIGHT)]
    runs = run_lengths(corners, width=WIDTH, height=HEIGHT)
    assert runs.counts == [0, WIDTH * HEIGHT]
    assert runs.box == (0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("points", "crosses"),
    [
        ([(0, 0), (10, 0), (10, 10), (0, 10)], False),
        ([(0, 10), (10, 10), (10, 0), (0, 0)], False),  # the other way round
        ([(0, 0), (10, 0), (2, 2), (0, 10)], False),  # not convex
        ([(0, 0), (10, 10), (10, 0), (0, 10)], True),  # an hour-glass
        ([(0, 0), (10, 0), (10, 10), (0, 10)] * 2, True),  # twice around
    ],
)
def test_an_outline_that_crosses_itself_is_known(points: list[Point], *, crosses: bool) -> None:
    assert crosses_itself(points) is crosses


# ---- Files --------------------------------------------------------------------------------------


def test_the_documented_code_draws_every_region_of_a_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_export(FORMATS["coco"], frozen(), tmp_path)
    monkeypatch.chdir(tmp_path)
    named: dict[str, Any] = {}
    exec(compile(documented("COCO"), "documentation", "exec"), named)
    train = [row for row in KEPT if row.split == "train"]
    assert len(named["masks"]) == 4 * len([row for row in train if row.number % 3])
    coco: COCO = named["coco"]
    assert coco.getImgIds() == [row.number for row in train]
    for image, row in zip(coco.loadImgs(coco.getImgIds()), train, strict=True):
        assert (image["width"], image["height"]) == (WIDTH, HEIGHT)
        assert (tmp_path / "images" / image["file_name"]).is_file()
        assert image["label"] == row.label
        assert image["patient"] == row.patient


def test_every_split_has_a_file_that_opens_and_no_image_is_in_two(tmp_path: Path) -> None:
    write_export(FORMATS["coco"], frozen(), tmp_path)
    seen: list[int] = []
    for split in ("train", "validation", "test"):
        coco = COCO(str(tmp_path / f"annotations/instances_{split}.json"))
        assert coco.getImgIds() == [row.number for row in KEPT if row.split == split]
        assert all(each["image_id"] in coco.imgs for each in coco.anns.values())
        seen += coco.getImgIds()
    assert sorted(seen) == [row.number for row in KEPT]


def test_the_categories_are_the_vocabulary() -> None:
    categories = instances(POLYGON)["categories"]
    assert [(each["id"], each["name"]) for each in categories] == [
        (number, label.code) for number, label in enumerate(LABELS, start=1)
    ]
    [annotation] = instances(POLYGON, label="regression_structures")["annotations"]
    assert categories[annotation["category_id"] - 1]["name"] == "regression_structures"


@pytest.mark.parametrize(
    ("selector", "is_polygon"),
    [
        (fragment(3, 4, 10, 20), True),
        (svg('<rect x="10" y="10" width="20" height="10" transform="rotate(30 20 15)" />'), True),
        (POLYGON, True),
        (CROSSING, False),
        (ELLIPSE, False),
    ],
    ids=["rectangle", "turned rectangle", "polygon", "crossing polygon", "ellipse"],
)
def test_what_was_drawn_as_a_polygon_has_one_and_the_rest_run_lengths(
    selector: dict[str, str], tmp_path: Path, *, is_polygon: bool
) -> None:
    document = instances(selector)
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(document))
    coco = COCO(str(path))
    [annotation] = coco.anns.values()
    assert isinstance(annotation["segmentation"], list) is is_polygon
    region = region_on(make_row(1), label="globules", selector=selector)
    ours, theirs = our_mask(region.points), coco.annToMask(annotation)
    assert annotation["area"] == ours.sum()
    if is_polygon:
        both, either = (ours & theirs).sum(), (ours | theirs).sum()
        assert both / either > 0.93
    else:
        assert np.array_equal(ours, theirs)


def test_a_region_between_the_middles_of_pixels_is_left_out() -> None:
    tiny = fragment(3.6, 3.6, 0.3, 0.3)
    document = instances(tiny, POLYGON)
    assert [annotation["id"] for annotation in document["annotations"]] == [1]
    assert document["annotations"][0]["area"] > 1


def test_regions_of_images_that_are_not_asked_for_are_not_written() -> None:
    row, other = make_row(1, split="train"), make_row(2, split="train")
    stray = region_on(other, label="globules", selector=POLYGON)

    def regions(rows: Any) -> list[DrawnRegion]:
        return [stray]

    version = frozen([row], regions=regions)
    content = content_of(FORMATS["coco"], version, "annotations/instances_train.json")
    assert json.loads(content)["annotations"] == []
