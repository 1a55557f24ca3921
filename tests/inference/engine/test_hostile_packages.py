"""Whatever bytes come as a package: it opens or is refused in one sentence, in little memory."""

import hashlib
import json
import os
import random
import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.engine.bundle_files import MEBIBYTE
from inference.engine.package import Package, PackageError, open_package
from tests.inference.engine.packages import (
    WEIGHTS,
    contents,
    half,
    metadata,
    safetensors,
    zipped,
)

WHOLE = zipped(contents()).getvalue()
LITTLE = 24 * MEBIBYTE


def refusal(content: bytes) -> str | None:
    """Why a zip is refused, None if it opens. Any other outcome fails the test."""
    try:
        package = open_package(BytesIO(content))
    except PackageError as refused:
        sentence = str(refused)
        assert sentence.endswith(".")
        assert sentence.isprintable()
        assert len(sentence) < 400
        return sentence
    assert isinstance(package, Package)
    return None


def with_weights(weights: bytes) -> bytes:
    """A package that is sound but for what its weights hold: their digest is right."""
    return zipped(contents(weights=weights)).getvalue()


# --- damage -----------------------------------------------------------------------------------


def test_every_way_to_cut_a_package_short_is_refused() -> None:
    for length in range(0, len(WHOLE), 7):
        assert refusal(WHOLE[:length])
        assert refusal(WHOLE[length + 1 :]) or length == 0


def test_flipped_and_moved_bytes_never_change_a_package_unseen() -> None:
    """A changed byte is refused, or stands where nothing is read (dates, say)."""
    chance = random.Random(0)
    sound = open_package(BytesIO(WHOLE))
    for _ in range(1500):
        damaged = bytearray(WHOLE)
        for _ in range(chance.choice((1, 1, 2, 8))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            start, stop = sorted(chance.randrange(len(damaged)) for _ in range(2))
            damaged[start:stop] = damaged[start:stop] * chance.choice((0, 2))
        if refusal(bytes(damaged)) is None:
            assert open_package(BytesIO(damaged)).digest == sound.digest


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused(noise: bytes) -> None:
    assert refusal(noise)
    assert refusal(b"PK\x03\x04" + noise)
    assert refusal(noise + WHOLE[-22:])


# --- metadata and tensors that are wrong in ways of their own -----------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([10**400, -1, 1e308, "resnet18", "ensemble", "../up", "\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, part in inner:
        found.append((*path, key))
        if isinstance(part, dict | list):
            found += places(part, (*path, key))
    return found


WITH_ENSEMBLE = metadata(
    architecture={
        "name": "ensemble",
        "members": [{"name": "resnet18", "arguments": {}, "weight": 0.5}] * 2,
    },
    conformal={"coverage": 0.9, "thresholds": [0.5, 0.5]},
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(places(WITH_ENSEMBLE)), JSON)
def test_any_value_in_any_field_opens_or_is_refused(place: tuple[Any, ...], value: Any) -> None:
    document = json.loads(json.dumps(WITH_ENSEMBLE))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    document.pop("files", None)
    refusal(zipped(contents(**document)).getvalue())


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from(["dtype", "shape", "data_offsets", None]))
def test_any_header_of_the_weights_opens_or_is_refused(value: Any, key: str | None) -> None:
    entry: Any = {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}
    header = {"a": value if key is None else entry | {key: value}}
    text = json.dumps(header).encode()
    refusal(with_weights(struct.pack("<Q", len(text)) + text + half(1, 2)))


@pytest.mark.parametrize("value", ["\x00", "\ud800", float("nan"), float("inf")])
def test_what_no_database_can_store_is_refused_wherever_it_stands(value: Any) -> None:
    assert refusal(zipped(contents(training={"deep": [{"note": value}]})).getvalue())


def test_a_card_that_no_database_can_store_is_refused() -> None:
    files = contents()
    files["docs/README.md"] = b"# Tiny\x00"
    document = json.loads(files["configs/metadata.json"])
    document["files"]["docs/README.md"] = hashlib.sha256(files["docs/README.md"]).hexdigest()
    files["configs/metadata.json"] = json.dumps(document).encode()
    sentence = refusal(zipped(files).getvalue())
    assert sentence == "In the package's model card are characters that are no text."


@pytest.mark.parametrize(
    "shape", [[10] * 200_000, [2**4000, 2], [1 << 62, 1 << 62], [0] * 9, [1] * 9]
)
def test_a_shape_that_takes_minutes_to_multiply_is_refused(shape: list[int]) -> None:
    text = json.dumps({"a": {"dtype": "F16", "shape": shape, "data_offsets": [0, 2]}}).encode()
    assert "header" in str(refusal(with_weights(struct.pack("<Q", len(text)) + text + half(1))))


@pytest.mark.parametrize(
    ("first", "second"), [((0, 4), (2, 6)), ((0, 4), (0, 4)), ((4, 8), (0, 2)), ((2, 6), (6, 8))]
)
def test_tensors_that_overlap_or_leave_gaps_are_refused(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    header = {
        name: {"dtype": "F16", "shape": [(stop - start) // 2], "data_offsets": [start, stop]}
        for name, (start, stop) in {"a": first, "b": second}.items()
    }
    text = json.dumps(header).encode()
    body = half(1, 2, 3, 4)
    assert "weights" in str(refusal(with_weights(struct.pack("<Q", len(text)) + text + body)))


def test_a_tensors_name_does_not_break_the_sentence() -> None:
    assert refusal(with_weights(safetensors({"a\nb" * 99: ("F16", [1], half(float("nan")))})))


def test_a_value_that_is_no_number_is_found_far_inside_the_weights() -> None:
    values = bytearray(3 * MEBIBYTE)
    values[-1] = 0x7C  # the last of 1.5 million halves is infinite
    weights = safetensors({"a": ("F16", [len(values) // 2], bytes(values))})
    assert "no numbers, in a" in str(refusal(with_weights(weights)))


# --- memory -----------------------------------------------------------------------------------


def peak_memory(content: bytes) -> int:
    stream = BytesIO(content)
    tracemalloc.start()
    try:
        with pytest.raises(PackageError):
            open_package(stream)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_package_is_opened_without_its_weights_in_memory() -> None:
    size = 64 * MEBIBYTE
    stream = zipped(contents(weights=safetensors({"a": ("F16", [size // 2], bytes(size))})))
    tracemalloc.start()
    try:
        package = open_package(stream)
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()
    assert package.tensors["a"].stop - package.tensors["a"].start == size
    assert package.tensor_bytes(package.tensors["a"])[:4] == bytes(4)


def test_a_zip_of_a_million_entries_is_refused_before_they_are_listed() -> None:
    name = b"x" * 20
    entry = (
        b"PK\x01\x02" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0)
        + name
    )  # fmt: skip
    directory = entry * 200_000
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, len(directory), 0, 0)
    assert peak_memory(directory + end) < LITTLE
    assert "list of entries" in str(refusal(directory + end))


def test_a_compression_that_asks_for_memory_of_its_own_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in contents().items():
            archive.writestr(name, content)
    assert "compression other than deflate" in str(refusal(stream.getvalue()))


def test_an_encrypted_entry_is_refused() -> None:
    content = bytearray(WHOLE)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 1)
    assert refusal(bytes(content))


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    os.mkfifo(tmp_path / "models/model.safetensors")
    with pytest.raises(PackageError, match="unexpected file"):
        open_package(tmp_path)


def test_weights_of_the_tiny_package_are_as_given() -> None:
    assert open_package(BytesIO(WHOLE)).weights() == WEIGHTS
