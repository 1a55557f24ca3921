"""MONAI datalist JSON in the layout of the Medical Segmentation Decathlon.

Source: `monai.data.load_decathlon_datalist`, MONAI 1.6.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from clinic.datasets.formats.card import card
from clinic.datasets.formats.streams import encode_json, json_array, text
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat, in_images
from clinic.datasets.manifest import ManifestRow

NAME = "datalist.json"
KEYS = {"train": "training", "validation": "validation", "test": "test"}
ABOUT = """\
`datalist.json` lists the images of `images/` under `training`, `validation` and `test`, each with
its class number in `label`; `labels` names the classes. A split without images has no list.
"""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card and the list."""
    lines = partial(_pieces, version)
    return [card(version, about=ABOUT), ExportFile(NAME, "application/json", lines)]


def _pieces(version: FrozenVersion) -> Iterator[bytes]:
    return text(_datalist(version))


def _datalist(version: FrozenVersion) -> Iterator[str]:
    tally = version.tally
    numbers = {label: number for number, label in enumerate(tally.labels)}
    head = {
        "name": version.title,
        "description": "Images of skin lesions, de-identified, with one class each.",
        "release": str(version.number),
        "digest": version.digest,
        "split_digest": version.split_digest,
        "tensorImageSize": "2D",
        "modality": {"0": "RGB"},
        "labels": {str(number): label for label, number in numbers.items()},
        "numTraining": tally.by["split"].get("train", 0),
        "numValidation": tally.by["split"].get("validation", 0),
        "numTest": tally.by["split"].get("test", 0),
    }
    yield encode_json(head)[:-1]
    # An empty list would do for training, but MONAI looks into the first item of a test list.
    for split in tally.splits:
        yield f',\n"{KEYS[split]}":'
        yield from json_array(_item(row, numbers) for row in version.kept(split))
    yield "}\n"


def _item(row: ManifestRow, numbers: dict[str, int]) -> dict[str, Any]:
    # What is not known is left out: MONAI joins any text that names an existing path, also the
    # empty one, to the folder of the list.
    known = {name: value for name, value in row._asdict().items() if value not in {None, ""}}
    known |= {"image": in_images(row), "image_id": row.image, "label": numbers[row.label]}
    return known | {"class": row.label}


MONAI = ExportFormat(
    key="monai",
    name="MONAI",
    description="A datalist for load_decathlon_datalist, with the images.",
    documents=documents,
    image_path=in_images,
    has_images=True,
)
