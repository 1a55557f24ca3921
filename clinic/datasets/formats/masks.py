"""PNG masks in the naming of ISIC 2018: `_segmentation` for the border, `_attribute_…` else."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from clinic.annotation.masks import MEDIA_TYPE, mask_name, mask_png
from clinic.annotation.raster import Point
from clinic.annotation.vocabulary import LABELS
from clinic.datasets.formats.card import card
from clinic.datasets.formats.streams import gathered
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat
from clinic.datasets.manifest import ManifestRow

ABOUT = """\
`masks/` has a PNG for each label that was drawn on an image, at the image's size: 8-bit grey, 255
inside and 0 outside. `<image>_segmentation.png` is the border (task 1 of ISIC 2018),
`<image>_attribute_<label>.png` the rest (task 2). Regions of one label are joined, of all readers.
An image without a mask of a label had none drawn: nobody may have looked for it.
"""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card; the masks come with the rows."""
    return [card(version, about=ABOUT)]


def row_files(version: FrozenVersion, rows: Sequence[ManifestRow]) -> Iterator[ExportFile]:
    """One mask for each image and label, in the order of the rows and of the vocabulary."""
    outlines: dict[tuple[str, str], list[Sequence[Point]]] = defaultdict(list)
    for _, region in version.drawn(rows):
        outlines[region.image, region.label].append(region.points)
    for row in rows:
        for label in LABELS:
            if drawn := outlines.get((row.image, label.code)):
                name = mask_name(stem=row.image, label=label.code)
                yield ExportFile(
                    f"masks/{name}", MEDIA_TYPE, partial(_pieces, drawn, row.width, row.height)
                )


def _pieces(outlines: Sequence[Sequence[Point]], width: int, height: int) -> Iterator[bytes]:
    return gathered(mask_png(outlines, width=width, height=height))


MASKS = ExportFormat(
    key="masks",
    name="Masks",
    description="What readers drew, as PNG masks named as in ISIC 2018. Without images.",
    documents=documents,
    row_files=row_files,
    has_masks=True,
    has_annotations=True,
)
