"""Labels and files are matched, what is left out is counted, and a bad CSV gets one sentence."""

from pathlib import Path

import pytest

from inference.training.labelled_images import find_labelled, read_labelled_images
from inference.training.records import DataError, read_records

CLASSES = ("mel", "nv")


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not looked at")
    return folder


def labels(folder: Path, *rows: str, header: str = "image_id,dx") -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_unknown_labels_and_missing_files_are_counted_and_left_out(tmp_path: Path) -> None:
    images = files(tmp_path / "images", "a.jpg", "b.png", "c.jpg", "d.jpg")
    csv = labels(tmp_path, "a,mel", "b,nv", "c,scc", "d,scc", "gone,nv")
    found = read_labelled_images(images, csv, CLASSES)
    assert [record.image_id for record in found.records] == ["a", "b"]
    assert found.unknown_labels == {"scc": 2}
    assert found.missing == ["gone"]


def test_labels_are_renamed_as_asked_and_counted(tmp_path: Path) -> None:
    images = files(tmp_path / "images", "a.jpg", "b.jpg", "c.jpg")
    csv = labels(tmp_path, "a,Melanoma", "b,MEL", "c,nv")
    found = read_labelled_images(
        images, csv, CLASSES, label_map={"Melanoma": "mel", "MEL": "mel", "SCC": "mel"}
    )
    assert [record.label for record in found.records] == ["mel", "mel", "nv"]
    assert found.renamed == {"Melanoma=mel": 1, "MEL=mel": 1}


def test_a_part_of_a_split_is_all_that_is_read(tmp_path: Path) -> None:
    images = files(tmp_path / "images", "a.jpg", "b.jpg")
    csv = labels(tmp_path, "a,mel", "b,nv")
    found = read_labelled_images(images, csv, CLASSES, part=frozenset({"b"}))
    assert [record.image_id for record in found.records] == ["b"]
    with pytest.raises(DataError, match="No image of the split's part"):
        read_labelled_images(images, csv, CLASSES, part=frozenset({"z"}))


def test_images_are_found_in_subfolders_by_name_or_path(tmp_path: Path) -> None:
    folder = files(tmp_path, "x/a.jpg", "y/b.PNG", "y/notes.txt")
    found = find_labelled(folder, ["a", "b.PNG", "x/a", "y/b.PNG", "notes", "z"])
    assert set(found) == {"a", "b.PNG", "x/a", "y/b.PNG"}
    assert found["a"] == found["x/a"] == folder / "x/a.jpg"


def test_two_files_of_one_name_are_not_guessed_between(tmp_path: Path) -> None:
    folder = files(tmp_path, "x/a.jpg", "y/a.png", "b.jpg")
    with pytest.raises(DataError, match=r"Both x/a.jpg and y/a.png may be the image a"):
        find_labelled(folder, ["a"])
    assert find_labelled(folder, ["x/a", "b"]).keys() == {"x/a", "b"}


@pytest.mark.parametrize(
    ("rows", "label_map", "sentence"),
    [
        (["a,scc"], {}, r"None of the labels in labels.csv \(scc\) is a class of this package"),
        (["gone,mel"], {}, r"None of the 1 labelled images is in .* \(the first: gone\)"),
        (["a,scc"], {"scc": "malignant"}, "malignant is no class of this package"),
    ],
)
def test_when_nothing_is_left_the_reason_is_given(
    tmp_path: Path, rows: list[str], label_map: dict[str, str], sentence: str
) -> None:
    images = files(tmp_path / "images", "a.jpg")
    with pytest.raises(DataError, match=sentence):
        read_labelled_images(images, labels(tmp_path, *rows), CLASSES, label_map=label_map)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        find_labelled(tmp_path / "nowhere", ["a"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "lacks the column dx and image_id"),
        (b"image_id,dx\n", "labels.csv has no rows"),
        (b"image_id;dx\na;mel\n", "separated by commas, reads: image_id;dx"),
        ("image_id,dx\nlésion,mel\n".encode("latin-1"), "is not text in UTF-8"),
        ("image_id,dx\na,mel\n".encode("utf-16"), "is not text in UTF-8"),
        (b"image_id,dx\na,mel\na,nv\n", "names the image a twice"),
        (b"image_id,dx\na,\n", "line 2: image_id and dx may not be empty"),
        (b"image_id,dx,age\na,mel,40\nb,nv,55+\n", r"line 3: the age '55\+' is no number of years"),
        (b"image_id,dx,age\na,mel,-3\n", "the age '-3' is no number of years"),
        (b"image_id,dx,age\na,mel,inf\n", "the age 'inf' is no number of years"),
        (b"image_id,dx\n" + b'"' + b"a" * 200_000 + b'",mel\n', "is not a CSV"),
    ],
)
def test_a_csv_that_cannot_be_used_gets_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        read_records(path)


def test_labels_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        read_records(tmp_path / "nothing.csv")


@pytest.mark.parametrize("age", ["", "NA", "nan", "unknown"])
def test_an_unknown_age_is_none(tmp_path: Path, age: str) -> None:
    [record] = read_records(labels(tmp_path, f"a,mel,{age}", header="image_id,dx,age"))
    assert record.age is None
