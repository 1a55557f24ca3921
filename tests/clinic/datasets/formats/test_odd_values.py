"""Whatever stands in a row comes out as it went in, in every format that writes it."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.datasets.formats import FORMATS
from tests.clinic.datasets.formats.frozen import content_of, frozen, make_row

# What a database can hold and a table may: no lone surrogate, no NUL, no carriage return.
WORDS = st.text(
    st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), min_size=1, max_size=20
).filter(lambda word: not word.startswith(("=", "+", "-", "@", "\t")))
ODD = st.fixed_dictionaries(
    {
        "label": WORDS | st.sampled_from(['a "quoted", one', "naïve\u2028", "line\nbreak", "💥"]),
        "diagnosis": WORDS,
        "body_site": WORDS,
        "age": st.none() | st.integers(0, 85),
        "skin_type": st.none() | st.integers(1, 6),
        "agreement": st.floats(0, 1),
        "model_shown": st.booleans(),
        "split": st.just("train"),
    }
)
WIDE = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip


def as_json(key: str, path: str, values: dict[str, Any]) -> Any:
    return json.loads(content_of(FORMATS[key], frozen([make_row(1, **values)]), path))


def as_csv(key: str, path: str, values: dict[str, Any]) -> dict[str, str]:
    written = content_of(FORMATS[key], frozen([make_row(1, **values)]), path).decode()
    [row] = csv.DictReader(io.StringIO(written, newline=""))
    return row


@WIDE
@given(ODD)
def test_the_manifest_and_the_lists_of_json_say_what_the_row_says(values: dict[str, Any]) -> None:
    row = make_row(1, **values)
    manifest = content_of(FORMATS["manifest"], frozen([row]), "manifest.jsonl")
    assert list(json.loads(manifest.split(b"\n")[1]).values()) == list(row)
    [item] = as_json("monai", "datalist.json", values)["training"]
    [image] = as_json("coco", "annotations/instances_train.json", values)["images"]
    for name, value in values.items():
        assert image.get(name) == value
        assert item.get("class" if name == "label" else name) == value


@WIDE
@given(ODD)
def test_the_tables_say_what_the_row_says(values: dict[str, Any]) -> None:
    table = as_csv("croissant", "images.csv", values)
    for name in ("label", "diagnosis", "body_site", "split"):
        assert table[name] == values[name]
    assert float(table["agreement"]) == values["agreement"]
    assert table["age"] == ("" if values["age"] is None else str(values["age"]))
    assert as_csv("isic", "HAM10000_metadata.csv", values)["dx"] == values["label"]


@WIDE
@given(ODD)
def test_parquet_says_what_the_row_says(values: dict[str, Any]) -> None:
    version = frozen([make_row(1, **values)])
    content = content_of(FORMATS["huggingface"], version, "train/metadata.parquet")
    [row] = pq.read_table(io.BytesIO(content)).to_pylist()
    for name, value in values.items():
        assert row[name] == value
