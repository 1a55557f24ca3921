"""Packages for the tests of packages: a tiny valid one, and the parts to bend it with.

The weights are two small tensors: nothing here loads a network.
"""

import hashlib
import json
import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

CLASSES = [
    {"code": "mel", "name": "Melanoma", "malignancy": "malignant", "counts_as_malignant": True},
    {"code": "nv", "name": "Nevus", "malignancy": "benign", "counts_as_malignant": False},
]


def safetensors(tensors: dict[str, tuple[str, list[int], bytes]]) -> bytes:
    """A safetensors file from name -> (dtype, shape, bytes), written by hand."""
    header: dict[str, Any] = {}
    start = 0
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [start, start + len(content)],
        }
        start += len(content)
    text = json.dumps(header).encode()
    body = b"".join(content for _, _, content in tensors.values())
    return struct.pack("<Q", len(text)) + text + body


def half(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}e", *values)


WEIGHTS = safetensors(
    {"fc.weight": ("F16", [2, 2], half(1, 2, 3, 4)), "fc.bias": ("F32", [1], struct.pack("<f", 5))}
)


def metadata(**changes: Any) -> dict[str, Any]:
    """A whole valid metadata document, with some top-level fields changed."""
    return {
        "name": "tiny",
        "version": "1.0.0",
        "task": "lesion-classification",
        "description": "A package for tests.",
        "licence": "CC0",
        "architecture": {"name": "resnet18", "arguments": {}},
        "classes": CLASSES,
        "preprocessing": {
            "size": 64,
            "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25],
            "crop": "centre_square",
        },
        "calibration": {"temperature": 1.5},
        "operating_points": [
            {
                "name": "sensitivity 0.90",
                "malignancy_threshold": 0.4,
                "sensitivity": 0.9,
                "specificity": 0.7,
            }
        ],
        "test_time_augmentation": "none",
        "metrics": {"balanced_accuracy": 0.5, "macro_auc": 0.5},
        "training": {"recipe": "none"},
        "format_version": 1,
    } | changes


def contents(*, weights: bytes = WEIGHTS, **changes: Any) -> dict[str, bytes]:
    """The four files of a package by name; ``changes`` go into the metadata."""
    files = {
        "models/model.safetensors": weights,
        "docs/README.md": b"# Tiny\n",
        "LICENSE": b"CC0\n",
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    document = metadata(files=digests) | changes
    return {"configs/metadata.json": json.dumps(document).encode(), **files}


def zipped(files: dict[str, bytes]) -> BytesIO:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
