"""The network's answers on the images kept apart, written beside the checkpoint.

Calibration, thresholds and the card are made from them, so that packaging needs no images.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from inference.training.measures import Floats, Labels
from inference.training.records import DataError, Record

OUTPUTS = "outputs.json"
PARTS = ("validation", "test")


@dataclass(frozen=True)
class PartOutputs:
    """One part of the split: its records, and their logits (N, C) by test-time augmentation."""

    records: tuple[Record, ...]
    logits: Mapping[str, Floats]

    def logits_with(self, test_time_augmentation: str) -> Floats:
        """Raises DataError when the run did not look at its images that way."""
        if test_time_augmentation not in self.logits:
            raise DataError(
                f"The run has no outputs with test-time augmentation {test_time_augmentation}: "
                f"train with --set test_time_augmentation={test_time_augmentation}."
            )
        return self.logits[test_time_augmentation]

    def labels(self, classes: Sequence[str]) -> Labels:
        index_of = {code: index for index, code in enumerate(classes)}
        return np.array([index_of[record.label] for record in self.records], dtype=np.int64)


def write_outputs(path: Path, parts: dict[str, PartOutputs]) -> None:
    document = {
        name: {
            "records": [asdict(record) for record in part.records],
            "logits": {name: logits.round(5).tolist() for name, logits in part.logits.items()},
        }
        for name, part in parts.items()
    }
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")


def read_outputs(path: Path) -> dict[str, PartOutputs]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: PartOutputs(
            tuple(Record(**record) for record in part["records"]),
            {name: np.array(logits) for name, logits in part["logits"].items()},
        )
        for name, part in document.items()
    }
