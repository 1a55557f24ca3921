"""Good packages open; everything else is refused with one sentence that says why."""

import json
import stat
import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from inference.engine.package import PackageError, open_package, write_package
from tests.inference.engine.packages import (
    CLASSES,
    WEIGHTS,
    contents,
    half,
    metadata,
    safetensors,
    unpacked,
    zipped,
)


def refusal(source: Path | BytesIO) -> str:
    """The sentence with which a package is refused."""
    with pytest.raises(PackageError) as refused:
        open_package(source)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_directory_and_its_zip_are_the_same_package(tmp_path: Path) -> None:
    folder = open_package(unpacked(contents(), tmp_path / "tiny"))
    archive = open_package(zipped(contents()))
    assert folder.digest == archive.digest
    assert folder.name == "tiny"
    assert folder.card == "# Tiny\n"
    assert [entry.code for entry in folder.classes] == ["mel", "nv"]
    assert folder.operating_points[0].malignancy_threshold == 0.4
    assert folder.weights() == WEIGHTS


def test_a_written_package_survives_every_form(tmp_path: Path) -> None:
    document = metadata()
    document.pop("format_version")
    written = write_package(
        tmp_path / "tiny.zip", metadata=document, weights=WEIGHTS, card="# Tiny", licence="CC0"
    )
    written.extract_to(tmp_path / "tiny")
    written.write_zip(tmp_path / "again.zip")
    assert open_package(tmp_path / "tiny").digest == written.digest
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "tiny.zip").read_bytes()


def test_another_card_is_another_digest() -> None:
    changed = contents()
    changed["docs/README.md"] = b"# Another\n"
    assert "docs/README.md is damaged" in refusal(zipped(changed))
    first, second = open_package(zipped(contents())), open_package(zipped(contents(name="other")))
    assert first.digest != second.digest


def test_a_package_is_not_written_over_something_else(tmp_path: Path) -> None:
    package = open_package(zipped(contents()))
    (tmp_path / "precious.txt").write_text("keep")
    with pytest.raises(PackageError, match="not empty"):
        package.extract_to(tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "configs/../../x", "C:\\x"])
def test_an_entry_outside_the_package_is_refused(name: str) -> None:
    assert "unexpected file" in refusal(zipped(contents() | {name: b"root::0:0"}))


def test_code_in_a_package_is_refused(tmp_path: Path) -> None:
    with_code = contents() | {"scripts/train.py": b"import os"}
    assert "unexpected file ('scripts/train.py')" in refusal(zipped(with_code))
    assert "unexpected file" in refusal(unpacked(with_code, tmp_path))


def test_a_link_is_refused_in_a_directory_and_in_a_zip(tmp_path: Path) -> None:
    folder = unpacked(contents(), tmp_path / "tiny")
    (folder / "LICENSE").unlink()
    (folder / "LICENSE").symlink_to("/etc/hostname")
    assert "link (LICENSE)" in refusal(folder)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        entry = zipfile.ZipInfo("LICENSE")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/hostname")
    assert "link (LICENSE)" in refusal(stream)


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    folder = unpacked(contents(), tmp_path / "tiny")
    (folder / "docs").rename(tmp_path / "elsewhere")
    (folder / "docs").symlink_to(tmp_path / "elsewhere")
    assert "link (docs)" in refusal(folder)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = contents() | {"models/model.safetensors": bytes(330 * 1024 * 1024)}
    stream = zipped(bomb)
    assert len(stream.getvalue()) < 400_000
    assert "larger than 317 MiB" in refusal(stream)


def test_a_zip_that_understates_a_size_is_refused() -> None:
    stream = zipped(contents() | {"models/model.safetensors": bytes(60 * 1024 * 1024)})
    content = bytearray(stream.getvalue())
    place = content.find(b"PK\x01\x02")
    while content[place + 46 : place + 70] != b"models/model.safetensors":
        place = content.find(b"PK\x01\x02", place + 1)
    content[place + 24 : place + 28] = struct.pack("<I", 100)  # the central directory's file size
    assert refusal(BytesIO(content))


def test_a_large_text_is_refused() -> None:
    assert "docs/README.md is larger" in refusal(
        zipped(contents() | {"docs/README.md": bytes(2 * 1024 * 1024)})
    )


def test_too_many_entries_are_refused() -> None:
    assert "entries" in refusal(zipped(contents() | {f"{n}.txt": b"" for n in range(20)}))


def test_a_file_named_twice_is_refused() -> None:
    stream = zipped(contents())
    with (
        zipfile.ZipFile(stream, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("LICENSE", "another")
    assert "LICENSE twice" in refusal(stream)


@pytest.mark.parametrize("name", sorted(contents()))
def test_a_missing_file_is_named(name: str) -> None:
    files = contents()
    del files[name]
    assert f"lacks the file {name}" in refusal(zipped(files))


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    assert "not a zip file" in refusal(BytesIO(b"GIF89a"))
    assert "not a zip file" in refusal(BytesIO(zipped(contents()).getvalue()[:-200]))
    assert "There is no package" in refusal(tmp_path / "nowhere")


def test_damaged_weights_are_refused() -> None:
    damaged = contents()
    damaged["models/model.safetensors"] = WEIGHTS[:-1] + b"\x00"
    assert "models/model.safetensors is damaged" in refusal(zipped(damaged))


@pytest.mark.parametrize("text", [b"", b"not json", b"[" * 100_000, b"\xff\xfe", b"[]", b"null"])
def test_metadata_that_is_no_object_is_refused(text: bytes) -> None:
    assert "metadata" in refusal(zipped(contents() | {"configs/metadata.json": text}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": {"name": "os.system"}}, "architecture.name must be one of"),
        (
            {"architecture": {"name": "resnet18", "arguments": {"widen_factor": 1e9}}},
            "widen_factor",
        ),
        ({"format_version": 2}, "format_version"),
        ({"task": "chess"}, "task must be one of"),
        ({"name": "../up"}, "name '../up'"),
        ({"version": "one"}, "version 'one'"),
        ({"classes": CLASSES[:1]}, "from 2 to 64 classes"),
        ({"classes": [CLASSES[0], CLASSES[0]]}, "a code of its own"),
        ({"classes": [CLASSES[1], CLASSES[1] | {"code": "bkl"}]}, "counts as malignant"),
        ({"classes": {"mel": 1}}, "classes must be a list"),
        ({"preprocessing": {"size": 10**6}}, "preprocessing"),
        ({"calibration": {"temperature": 0}}, "calibration.temperature"),
        ({"calibration": {"temperature": True}}, "calibration.temperature"),
        ({"calibration": {"temperature": 1, "class_offsets": [1]}}, "class_offsets"),
        ({"conformal": {"coverage": 0.9, "thresholds": [0.5]}}, "conformal.thresholds"),
        ({"metrics": {}}, "metrics.balanced_accuracy"),
        ({"files": {}}, "sha256 of each"),
        ({"description": 7}, "description"),
        ({"test_time_augmentation": "d8"}, "test_time_augmentation"),
    ],
)
def test_wrong_metadata_are_refused_by_field(changes: dict[str, Any], words: str) -> None:
    assert words in refusal(zipped(contents(**changes)))


def test_not_a_number_in_the_metadata_is_refused() -> None:
    document = json.dumps(metadata(calibration={"temperature": float("nan")})).encode()
    assert "calibration.temperature" in refusal(
        zipped(contents() | {"configs/metadata.json": document})
    )


BIASES = {
    "half": safetensors({"fc.bias": ("F16", [2], half(1, float("nan")))}),
    "infinite": safetensors({"fc.bias": ("F16", [2], half(1, float("-inf")))}),
    "single": safetensors({"fc.bias": ("F32", [2], struct.pack("<2f", float("nan"), 1))}),
    "brain": safetensors({"fc.bias": ("BF16", [2], b"\x80\x3f\x80\x7f")}),
}


@pytest.mark.parametrize("weights", BIASES.values(), ids=BIASES.keys())
def test_weights_that_are_no_numbers_are_refused(weights: bytes) -> None:
    assert "no numbers, in fc.bias" in refusal(zipped(contents(weights=weights)))


def test_the_largest_finite_weights_are_accepted() -> None:
    largest = safetensors(
        {
            "a": ("F16", [2], half(65504, -65504)),
            "b": ("F32", [1], struct.pack("<f", -3.4028234e38)),
            "c": ("BF16", [1], b"\x7f\x7f"),
        }
    )
    assert set(open_package(zipped(contents(weights=largest))).tensors) == {"a", "b", "c"}


def test_an_out_of_distribution_threshold_without_its_tensors_is_refused() -> None:
    promised = {"out_of_distribution": {"method": "feature_residual", "threshold": 1.0}}
    assert "lacks its tensors" in refusal(zipped(contents(**promised)))
    ill_shaped = safetensors(
        {
            "familiarity.mean": ("F16", [3], half(0, 0, 0)),
            "familiarity.components": ("F16", [1, 2], half(1, 0)),
        }
    )
    assert "lacks its tensors" in refusal(zipped(contents(weights=ill_shaped, **promised)))


def header(text: str, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text.encode() + body


@pytest.mark.parametrize(
    "weights",
    [
        b"",
        WEIGHTS[:-3],
        WEIGHTS + b"more",
        struct.pack("<Q", 2**63) + b"{}",
        header("{}"),
        header("[]"),
        header("not json"),
        header('{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,9]}}', b"123456789"),
        header('{"a":{"dtype":"F16","shape":[-1],"data_offsets":[0,2]}}', b"12"),
        header('{"a":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}', b"1234"),
        header('{"a":{"dtype":"F16","shape":[true],"data_offsets":[0,2]}}', b"12"),
        header('{"a":{"dtype":"PICKLE","shape":[1],"data_offsets":[0,2]}}', b"12"),
        header('{"a":{"dtype":"F16","shape":[1]}}', b"12"),
    ],
)
def test_a_malformed_tensor_file_is_refused(weights: bytes) -> None:
    assert "weights" in refusal(zipped(contents(weights=weights)))
