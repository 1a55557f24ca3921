"""Hugging Face's imagefolder: a folder a split, with its images and a `metadata.parquet`.

Source: `datasets` 5, “Create an image dataset”.
"""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

from clinic.datasets.formats.card import card
from clinic.datasets.formats.columns import COLUMNS
from clinic.datasets.formats.streams import chunked, gathered
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat
from clinic.datasets.manifest import ManifestRow

MEDIA_TYPE = "application/vnd.apache.parquet"
ROW_GROUP = 2500
FILE_NAME = "file_name"
IMAGE_KEY = "image_id"
"""`image` is the column that the library adds for the picture itself."""
ABOUT = """\
Each split is a folder with its images and a `metadata.parquet`; a split without images has none.
The column `file_name` names the picture, `image_id` is its pseudonym (the column `image` below).
"""
FRONT_MATTER = """\
---
license: other
task_categories:
- image-classification
tags:
- dermatology
- medical
---

"""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card and a table a split. An empty folder would not load, so it is left out."""
    tables = [
        ExportFile(f"{split}/metadata.parquet", MEDIA_TYPE, partial(parquet_pieces, version, split))
        for split in version.tally.splits
    ]
    return [card(version, about=ABOUT, front_matter=FRONT_MATTER), *tables]


def image_path(row: ManifestRow) -> str:
    """In the folder of its split."""
    return f"{row.split}/{row.filename}"


def parquet_pieces(version: FrozenVersion, split: str) -> Iterator[bytes]:
    """The table of a split, one row group after the other."""
    return gathered(_row_groups(version, split))


def _row_groups(version: FrozenVersion, split: str) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "truth": pa.bool_(),
        "text": pa.string(),
    }
    fields = [pa.field(FILE_NAME, pa.string(), nullable=False)]
    fields += [pa.field(_renamed(column.name), kinds[column.kind]) for column in COLUMNS]
    schema = pa.schema(fields)
    sink = BytesIO()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as table:
        for rows in chunked(version.kept(split), ROW_GROUP):
            names = [row.filename for row in rows]
            columns: list[Any] = [names, *zip(*rows, strict=True)]
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(columns, schema, strict=True)
            ]
            table.write_batch(pa.record_batch(arrays, schema=schema))
            yield _taken(sink)
    yield _taken(sink)


def _renamed(column: str) -> str:
    return IMAGE_KEY if column == "image" else column


def _taken(sink: BytesIO) -> bytes:
    """What was written since the last time."""
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written


HUGGING_FACE = ExportFormat(
    key="huggingface",
    name="Hugging Face",
    description="An imagefolder with Parquet tables for load_dataset, with the images.",
    documents=documents,
    image_path=image_path,
    has_images=True,
    needs=("pyarrow",),
)
