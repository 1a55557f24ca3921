"""The page shows what the report says, asks for nothing from elsewhere and can be read by all."""

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference.training.evaluation import evaluate
from inference.training.mistakes import SHOWN, worst_mistakes
from inference.training.records import Record
from inference.training.report.page import drawings, report_page
from inference.training.report.plain_words import (
    cautions,
    of_benign,
    of_malignant,
    summary,
    where_thresholds_come_from,
)
from inference.training.report.thumbnails import thumbnails
from tests.inference.training.reported import POINTS, predictions, report_of


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return report_of(predictions())


@pytest.fixture(scope="module")
def drawn(report: dict[str, Any]) -> dict[str, Any]:
    return drawings(report)


@pytest.fixture(scope="module")
def page(report: dict[str, Any], drawn: dict[str, Any]) -> str:
    return report_page(report, drawn=drawn)


FIGURES = {"malignant_images": 60, "small": True}


class Outline(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_no_request_leaves_the_page(page: str) -> None:
    assert "http" not in page
    outline = Outline(page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in outline.elements}
    addresses = [
        value
        for _, attributes in outline.elements
        for name, value in attributes.items()
        if name in {"src", "href", "xlink:href", "srcset"} and value
    ]
    assert addresses
    assert all(address.startswith(("#", "data:image/jpeg;base64,")) for address in addresses)
    assert "url(" not in re.sub(r"url\(#\w+\)", "", page)


def test_every_reference_within_the_page_leads_somewhere(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Outline(page).elements if "id" in attributes]
    used = set(re.findall(r'(?:href="#|url\(#|aria-labelledby=")([\w-]+)', page))
    assert used <= set(ids)


def test_every_figure_says_what_it_shows_and_every_table_what_it_is_about(page: str) -> None:
    outline = Outline(page)
    drawings = outline.of("svg")
    # Two of hundred dots; malignancy 3; ROC and precision of each of the two classes present;
    # reliability 2; sets, risk; two of each of the three kinds of group.
    assert len(drawings) == 2 + 3 + 2 * 2 + 2 + 2 + 2 * 3
    assert all(svg["role"] == "img" and len(svg["aria-label"] or "") > 20 for svg in drawings)
    tables = page.count("<table>")
    assert tables == page.count("<caption>") >= 12


def test_text_in_figures_stays_text(page: str) -> None:
    labels = re.findall(r"<text[^>]*>([^<]+)</text>", page)
    assert "sensitivity" in labels
    assert "act on all" in labels


def test_a_page_without_pictures_is_small(page: str) -> None:
    assert len(page.encode()) < 1_000_000


def test_the_first_page_says_what_the_figures_mean(report: dict[str, Any], page: str) -> None:
    point = report["operating_points"][0]
    found, alarms = of_malignant(point), of_benign(point)
    assert found is not None
    assert alarms is not None
    assert found.count == round(100 * point["sensitivity"])
    assert alarms.count == round(100 * (1 - point["specificity"]))
    low, high = (round(100 * (1 - bound)) for bound in reversed(point["specificity_interval"]))
    assert alarms.between == f"from {low} to {high}"
    assert low <= alarms.count <= high
    assert found.sentence in page
    assert alarms.sentence in page
    assert page.count('class="marked"') == found.count + alarms.count
    marked = point["found"] + point["false_alarms"]
    assert f"Of the {marked} images it marks, {point['found']} are" in summary(report)[0]


def test_what_was_left_out_is_said_and_what_is_shown_is_escaped(
    report: dict[str, Any], drawn: dict[str, Any]
) -> None:
    left_out = {
        "labels_unknown_to_the_model": {"scc<b>": 3},
        "images_without_a_file": {"images": 7, "examples": ["gone-1"]},
        "images_that_cannot_be_decoded": {"images": 2, "examples": ["<img>"]},
    }
    package = report["package"] | {"name": "<script>alert(1)</script>"}
    changed = report | {"package": package, "left_out": left_out, "renamed_labels": {"NV=nv": 9}}
    page = report_page(changed, drawn=drawn)
    words = " ".join(Outline(page).words.split())
    assert "3 images labelled scc<b> were left out" in words
    assert "No image is labelled bcc" in words
    assert "7 labelled images have no file (such as gone-1)" in words
    assert "2 images cannot be decoded (such as <img>)" in words
    assert "9 labels were renamed: NV was taken for nv." in words
    assert not Outline(page).of("script")
    assert not Outline(page).of("img")


@pytest.mark.parametrize(
    ("split", "said"),
    [
        (None, "Nothing here can tell whether the model was trained on some"),
        ({"part": "test", "is_the_packages_own": True}, "share no lesion with those"),
        ({"part": "test", "is_the_packages_own": False}, "it may know the images"),
        ({"part": "validation", "is_the_packages_own": True}, "fitted on these very images"),
        ({"part": "train", "is_the_packages_own": True}, "say nothing of new ones"),
    ],
)
def test_the_reader_is_told_whether_the_model_may_know_the_images(
    report: dict[str, Any], split: dict[str, Any] | None, said: str
) -> None:
    evaluated = report["evaluated"] | {"split": split}
    on_these = split == {"part": "validation", "is_the_packages_own": True}
    assert ("these very" in where_thresholds_come_from(split)) is on_these
    assert any(said in sentence for sentence in cautions(report | {"evaluated": evaluated}))


def test_cautions_name_the_weakest_group_and_many_unlike_images(report: dict[str, Any]) -> None:
    groups = {
        name: {
            "images": 100,
            "malignant_images": 40,
            "small": name == "tiny",
            "operating_points": [{"sensitivity": found, "sensitivity_interval": [0.1, 0.9]}],
        }
        for name, found in (("back", 0.9), ("face", 0.6), ("tiny", 0.1))
    }
    sentences = " ".join(cautions(report | {"subgroups": {"site": groups}}))
    assert "it finds least in body site face: 60\N{NO-BREAK SPACE}% of 40" in sentences
    assert "10\N{NO-BREAK SPACE}% of the images are unlike" in sentences
    few = report["out_of_distribution"] | {"share": 0.01}
    assert "unlike" not in " ".join(cautions(report | {"out_of_distribution": few}))


def test_the_gap_of_a_split_by_image_is_shown_where_the_package_knows_it(
    report: dict[str, Any], page: str, drawn: dict[str, Any]
) -> None:
    gap = {
        "recipe": "resnet18",
        "lesion_split": {"balanced_accuracy": 0.7, "macro_auc": 0.95, "images": 1000},
        "image_split": {
            "balanced_accuracy": 0.81,
            "macro_auc": 0.97,
            "images": 1000,
            "images_with_their_lesion_in_training": 0.39,
        },
        "gap": {
            "balanced_accuracy": 0.11,
            "balanced_accuracy_interval": [0.05, 0.17],
            "macro_auc": 0.02,
        },
    }
    assert "split by image" not in page
    shown = report_page(report | {"split_gap": gap}, drawn=drawn)
    assert "What a split by image would have claimed" in shown
    assert "0.810" in shown
    assert "0.110 (0.050 to 0.170) and 0.020, is" in shown


def test_images_of_one_kind_only_still_make_a_page() -> None:
    part = predictions(40)
    malignant = part.chosen(np.flatnonzero(part.malignant))
    page = report_page(report_of(malignant, out_of_distribution=None))
    assert "these are of one kind only" in page
    bare = replace(
        malignant, records=[Record(r.image_id, r.label, r.lesion_id) for r in malignant.records]
    )
    assert "The labels say nothing of age" in report_page(report_of(bare, conformal=None))


def test_a_column_source_is_a_kind_of_group() -> None:
    report = evaluate(predictions(60, source="Northside"), POINTS, resamples=50)
    assert report["subgroups"]["source"]["Northside"]["images"] == 60


def test_the_worst_mistakes_come_first_and_a_lesion_but_once() -> None:
    part = predictions()
    mistakes = worst_mistakes(part, POINTS)
    row_of = {record.image_id: row for row, record in enumerate(part.records)}
    missed = [mistake["malignancy"] for mistake in mistakes["missed"]]
    malignant = part.malignant
    assert missed[0] == round(float(part.malignancy[malignant].min()), 4)
    assert missed == sorted(missed)
    assert max(missed) < POINTS[0].malignancy_threshold
    alarms = [mistake["malignancy"] for mistake in mistakes["false_alarms"]]
    assert alarms[0] == round(float(part.malignancy[~malignant].max()), 4)
    for kind in mistakes.values():
        assert 0 < len(kind) <= SHOWN
        lesions = [part.records[row_of[mistake["image_id"]]].lesion_id for mistake in kind]
        assert len(set(lesions)) == len(lesions)
    assert all(mistake["true"] != mistake["likeliest"] for mistake in mistakes["sure_and_wrong"])


def test_thumbnails_are_the_square_the_model_sees_without_the_files_metadata(
    tmp_path: Path,
) -> None:
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste("red", (50, 0, 350, 300))
    exif = Image.Exif()
    exif[0x010E] = "a patient's name"
    picture.save(tmp_path / "wide.jpg", exif=exif)
    [uri] = thumbnails({"wide": tmp_path / "wide.jpg"}, ["wide"]).values()
    content = b64decode(uri.partition(",")[2])
    assert b"patient" not in content
    small = Image.open(BytesIO(content))
    assert small.size == (192, 192)
    assert all(channel < 60 for channel in small.getpixel((3, 96))[1:]), "white edges are cut off"


@pytest.mark.parametrize("word", ["histo", "histopathology"])
def test_the_reader_is_told_how_many_labels_histology_confirmed(
    report: dict[str, Any], word: str
) -> None:
    ways = {word: {"images": 120, "malignancy_auc": 0.7}, "unknown": {"images": 120}}
    changed = report | {"subgroups": {"dx_type": {k: ways[k] | FIGURES for k in ways}}}
    [sentence] = [line for line in cautions(changed) if "histology" in line]
    assert sentence.startswith("50\N{NO-BREAK SPACE}% of the labels are known")
    assert "on the confirmed alone 0.70" in sentence
