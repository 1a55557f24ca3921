"""Reports say what happened: numbers known by hand, intervals by lesion, gaps named."""

import numpy as np
import pytest

from inference.engine.package import OperatingPoint
from inference.training.evaluation import Predictions, evaluate, interval
from inference.training.records import Record
from inference.training.report_page import report_page
from inference.training.taxonomy import model_classes

CODES = ("bcc", "mel", "nv")
POINT = OperatingPoint("sensitivity 0.90", 0.5, 0.9, 0.5)


def predictions(
    labels: list[int], called: list[int], lesions: list[str] | None = None
) -> Predictions:
    """Probabilities of 0.8 for the called class and 0.1 for each other."""
    records = [
        Record(
            f"image-{row}",
            CODES[label],
            (lesions or [f"lesion-{row}" for row in range(len(labels))])[row],
            dx_type="histo" if row % 2 else "follow_up",
            age=20.0 + 10 * (row % 6),
            sex="female" if row % 3 else "male",
        )
        for row, label in enumerate(labels)
    ]
    probabilities = np.full((len(labels), 3), 0.1) + 0.7 * np.eye(3)[called]
    return Predictions(model_classes(CODES), records, probabilities, np.array(labels))


def test_the_numbers_are_those_counted_by_hand() -> None:
    report = evaluate(predictions([1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 2, 2, 2, 1, 0]), [POINT])
    assert report["images"] == report["lesions"] == 8
    assert report["accuracy"] == 0.625
    assert report["balanced_accuracy"] == 0.625
    assert report["classes_without_images"] == ["bcc"]
    assert report["per_class"]["bcc"]["auc"] is None
    assert report["per_class"]["mel"]["sensitivity"] == 0.75
    assert report["per_class"]["mel"]["specificity"] == 0.75
    assert report["confusion"]["nv"] == {"bcc": 1, "mel": 1, "nv": 2}
    point = report["operating_points"][0]
    assert (point["sensitivity"], point["specificity"]) == (0.75, 0.5)
    assert point["ppv"] == 0.6
    assert point["number_needed_to_biopsy"] == pytest.approx(1.67)
    assert report["brier"] == pytest.approx(
        (5 * 0.06 + 3 * (0.49 + 0.81 + 0.01 + 0.11)) / 8, abs=0.06
    )


def test_repeated_images_of_a_lesion_widen_the_interval() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(1, 3, 60)
    called = np.where(random.random(60) < 0.8, labels, 3 - labels)
    single = predictions(labels.tolist(), called.tolist())
    fourfold = predictions(
        labels.repeat(4).tolist(),
        called.repeat(4).tolist(),
        [f"lesion-{n}" for n in range(60) for _ in range(4)],
    )

    def accuracy(part: Predictions) -> float:
        return float(np.mean(part.probabilities.argmax(axis=1) == part.labels))

    first = interval(single, accuracy, seed=0)
    second = interval(fourfold, accuracy, seed=0)
    assert first is not None
    # Four pictures of each lesion know no more than one.
    assert first == second


def test_an_interval_that_means_nothing_is_left_out() -> None:
    assert interval(predictions([1, 2], [1, 2]), lambda _: None, seed=0) is None


def test_subgroups_are_counted_and_small_ones_not_measured() -> None:
    report = evaluate(predictions([1, 2] * 20, [1, 2] * 20), [POINT])
    groups = report["subgroups"]
    assert set(groups) == {"dx_type", "sex", "age"}
    assert groups["dx_type"]["histo"]["images"] == 20
    assert sum(group["images"] for group in groups["age"].values()) == 40
    assert (
        "accuracy" not in evaluate(predictions([1, 2], [1, 2]), [POINT])["subgroups"]["sex"]["male"]
    )


def test_the_page_says_what_was_left_out_and_escapes_what_it_shows() -> None:
    report = evaluate(predictions([1, 2] * 20, [1, 2] * 20), [POINT])
    page = report_page(
        {
            "package": {"name": "<script>", "version": "1.0.0", "digest": "0" * 64},
            "runtime": "onnxruntime-cpu",
            "labels_unknown_to_the_model": {"scc": 3},
            "images_that_cannot_be_decoded": 2,
            **report,
        }
    )
    assert "3 images labelled scc were left out" in page
    assert "No image is labelled bcc" in page
    assert "2 images cannot be decoded" in page
    assert "<script>" not in page
    assert "http" not in page
