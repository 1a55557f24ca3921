"""The network's answers on the images kept apart, written beside the checkpoint.

Calibration, thresholds and the card are made from them, so that packaging needs no images.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from inference.training.measures import Floats, Labels
from inference.training.records import Record

OUTPUTS = "outputs.json"
PARTS = ("validation", "test")


@dataclass(frozen=True)
class PartOutputs:
    """One part of the split: its records and logits (N, C), of one view and of the eight's mean."""

    records: tuple[Record, ...]
    logits: Floats
    logits_of_eight: Floats

    def chosen_logits(self, test_time_augmentation: str) -> Floats:
        return self.logits_of_eight if test_time_augmentation == "d4" else self.logits

    def labels(self, classes: Sequence[str]) -> Labels:
        index_of = {code: index for index, code in enumerate(classes)}
        return np.array([index_of[record.label] for record in self.records], dtype=np.int64)


def write_outputs(path: Path, parts: dict[str, PartOutputs]) -> None:
    document = {
        name: {
            "records": [asdict(record) for record in part.records],
            "logits": part.logits.round(5).tolist(),
            "logits_of_eight": part.logits_of_eight.round(5).tolist(),
        }
        for name, part in parts.items()
    }
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")


def read_outputs(path: Path) -> dict[str, PartOutputs]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: PartOutputs(
            tuple(Record(**record) for record in part["records"]),
            np.array(part["logits"], dtype=np.float64),
            np.array(part["logits_of_eight"], dtype=np.float64),
        )
        for name, part in document.items()
    }
