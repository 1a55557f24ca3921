"""COCO instances: what was drawn, with boxes, polygons and run lengths, one file a split.

Source: the data format at cocodataset.org, read by `pycocotools`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from clinic.annotation.measure import measure
from clinic.annotation.raster import Point
from clinic.annotation.vocabulary import LABELS
from clinic.datasets.description import SPLITS
from clinic.datasets.formats.card import card, licence
from clinic.datasets.formats.run_lengths import run_lengths
from clinic.datasets.formats.streams import chunked, encode_json, json_array, text
from clinic.datasets.formats.version import DrawnRegion, FrozenVersion
from clinic.datasets.formats.writer import STEP, ExportFile, ExportFormat, in_images
from clinic.datasets.manifest import ManifestRow

ABOUT = """\
`annotations/instances_train.json`, `instances_validation.json` and `instances_test.json` have the
regions that readers drew on the images of `images/`. An image's `id` is its row's number; it also
has its class and the other columns. A region has a polygon where it was drawn as one that does not
cross itself, otherwise the run lengths of its mask (an ellipse, a crossing outline). `area` and
`bbox` are those of the mask, in pixels. Remarks of readers are left out.
"""
CATEGORIES = [
    {"id": number, "name": label.code, "supercategory": label.group.code}
    for number, label in enumerate(LABELS, start=1)
]
CATEGORY_IDS = {label.code: number for number, label in enumerate(LABELS, start=1)}
CROSSING = 0.005
"""Share of the area by which a crossing outline's sum of cross products is off; what the measured
area of one that does not cross can be off is a fifth of it."""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card and one file a split, also an empty one: COCO opens it."""
    return [
        card(version, about=ABOUT),
        *(
            ExportFile(
                f"annotations/instances_{split}.json",
                "application/json",
                partial(_pieces, version, split),
            )
            for split in SPLITS
        ),
    ]


def _pieces(version: FrozenVersion, split: str) -> Iterator[bytes]:
    return text(_instances(version, split))


def _instances(version: FrozenVersion, split: str) -> Iterator[str]:
    info = {
        "description": f"{version.title}, {split}",
        "version": str(version.number),
        "digest": version.digest,
        "date_created": version.frozen_on,
    }
    licences = [{"id": 1, "name": licence(version), "url": ""}]
    head = {"info": info, "licenses": licences, "categories": CATEGORIES}
    yield encode_json(head)[:-1] + ',\n"images":'
    yield from json_array(_image(row) for row in version.kept(split))
    yield ',\n"annotations":'
    yield from json_array(_annotations(version, split))
    yield "}\n"


def _image(row: ManifestRow) -> dict[str, Any]:
    known = {name: value for name, value in row._asdict().items() if value not in {None, ""}}
    # Loaders join the file's name to the folder that they are given.
    return {"id": row.number, "file_name": row.filename, "license": 1} | known


def _annotations(version: FrozenVersion, split: str) -> Iterator[dict[str, Any]]:
    number = 0
    for rows in chunked(version.kept(split), STEP):
        for row, region in version.drawn(rows):
            annotation = _annotation(row, region)
            if annotation["area"]:  # between the middles of pixels: no mask has it
                number += 1
                yield {"id": number, **annotation}


def _annotation(row: ManifestRow, region: DrawnRegion) -> dict[str, Any]:
    runs = run_lengths(region.points, width=row.width, height=row.height)
    segmentation: Any = {"counts": runs.counts, "size": [row.height, row.width]}
    if _is_drawn_as_polygon(region) and not crosses_itself(region.points):
        segmentation = [[coordinate for point in region.points for coordinate in point]]
    return {
        "image_id": row.number,
        "category_id": CATEGORY_IDS[region.label],
        "iscrowd": 0,
        "area": runs.area,
        "bbox": runs.box,
        "segmentation": segmentation,
        "reader": region.reader,
    }


def _is_drawn_as_polygon(region: DrawnRegion) -> bool:
    """A rectangle or a polygon; an ellipse's many corners are only ours."""
    value = region.selector.get("value", "")
    return value.startswith("xywh=") or "<polygon" in value or "<rect" in value


def crosses_itself(points: Sequence[Point]) -> bool:
    """Whether the sum of cross products is not the area, which it is for a simple outline."""
    size = measure([points])
    if size is None or not size.area_px:
        return True
    twice = sum(
        points[index - 1][0] * y - x * points[index - 1][1] for index, (x, y) in enumerate(points)
    )
    return abs(abs(twice) / 2 - size.area_px) > CROSSING * size.area_px


COCO = ExportFormat(
    key="coco",
    name="COCO",
    description="What readers drew, as boxes, polygons and run lengths, with the images.",
    documents=documents,
    image_path=in_images,
    has_images=True,
    has_masks=True,
    has_annotations=True,
)
