"""Seconds and Python heap of exporting the manifest and the CSV of many images, without a database.

`python -m benchmarks.dataset_export` (or `make bench`). 100,000 images may take 2.1 s and 5 MiB on
2 cores, database and storage included, and the heap may not grow from 10,000 images to 1,000,000.
Beside them stand the bare parts: the same rows through `json` and through `csv`, all held at once.
"""

import csv
import gc
import hashlib
import io
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks._in_turns import in_turns
from clinic.datasets.formats import FORMATS, FrozenVersion
from clinic.datasets.manifest import ManifestRow

ROWS = 100_000
SIZES = (10_000, 100_000, 1_000_000)
MANIFEST, CSV = ("manifest", "manifest.jsonl"), ("isic", "metadata.csv")
TIMED = {
    "manifest": MANIFEST,
    "metadata.csv": CSV,
    "HAM10000_metadata.csv": ("isic", "HAM10000_metadata.csv"),
    "ISIC_2019_GroundTruth.csv": ("isic", "ISIC_2019_GroundTruth.csv"),
    "split.json": ("isic", "split.json"),
    "README.md": ("manifest", "README.md"),
    "datalist.json": ("monai", "datalist.json"),
    "instances_train.json": ("coco", "annotations/instances_train.json"),
    "images.csv": ("croissant", "images.csv"),
    "metadata.parquet": ("huggingface", "train/metadata.parquet"),
}


def made_up_rows(count: int) -> Iterator[ManifestRow]:
    """Rows that differ as real ones do, as quick to make as to fetch."""
    digest = hashlib.sha256(b"any").hexdigest()
    classes = (("nv", "nevus", "benign"), ("mel", "melanoma", "malignant"),
               ("bkl", "seborrheic-keratosis", "benign"))  # fmt: skip
    splits = ("train", "train", "train", "validation", "test")
    for number in range(1, count + 1):
        name = f"{number:020x}"
        label, diagnosis, malignancy = classes[number % 3]
        yield ManifestRow(
            number, name, digest, 600, 450, "image/jpeg", 250_000 + number, "f" * 20, name, name,
            name, label, diagnosis, malignancy, "pathology", "histo", 2, 0.5, number % 7 == 0,
            "female", 45, "back", 2, "dermoscopic", splits[number % 5], "training",
        )  # fmt: skip


def version_of(count: int) -> FrozenVersion:
    """A version of so many rows."""
    return FrozenVersion(
        name="Made up", number=1, digest="0" * 64, split_digest="0" * 64, seed=1,
        frozen_on="2026-01-01", header={"seed": 1}, rows=partial(made_up_rows, count),
        isic2019={"nv": "NV", "mel": "MEL", "bkl": "BKL"},
    )  # fmt: skip


def write(version: FrozenVersion, key: str, path: str) -> int:
    """Write one document to nowhere; its bytes."""
    [file] = [file for file in FORMATS[key].documents(version) if file.path == path]
    return sum(map(len, file.pieces()))


def heap_of(work: Callable[[], object]) -> float:
    """The most Python heap (MiB) that the work needs above what there was."""
    work()  # modules and caches
    gc.collect()
    tracemalloc.start()
    idle = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - idle) / 2**20


def all_at_once(rows: int) -> None:
    """The floor: one call of the library for all rows, which nobody's memory is spared."""
    held = list(made_up_rows(rows))
    json.dumps(held)
    csv.writer(io.StringIO()).writerows(held)


def main() -> None:
    """Print seconds and heap, a line each."""
    version = version_of(ROWS)
    works: dict[str, Callable[[], object]] = {
        name: partial(write, version, key, path) for name, (key, path) in TIMED.items()
    } | {
        "rows alone": lambda: sum(1 for _ in made_up_rows(ROWS)),
        "json and csv, all at once": partial(all_at_once, ROWS),
    }  # fmt: skip
    seconds = in_turns(works, clock=time.process_time, rounds=3)
    alone = seconds["rows alone"]
    for name, taken in seconds.items():
        print(f"{ROWS:,} rows, {name}: {taken:.2f} s, of which making rows {alone:.2f} s")
    together = seconds["manifest"] + seconds["metadata.csv"]
    floor = seconds["json and csv, all at once"]
    print(f"manifest and CSV together: {together:.2f} s, {together / floor:.2f} of all at once")
    for size in SIZES:
        large = version_of(size)
        heaps = [heap_of(partial(write, large, *which)) for which in (MANIFEST, CSV)]
        print(f"{size:,} rows: heap of the manifest {heaps[0]:.2f} MiB, of the CSV {heaps[1]:.2f}")


if __name__ == "__main__":
    main()
