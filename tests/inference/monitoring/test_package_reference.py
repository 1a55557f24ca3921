"""What a package says its model learned from: written, checked, installed, and left out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference.engine.classifier import Classifier
from inference.engine.fields import PackageError
from inference.engine.package import open_package
from inference.engine.reference import Histogram, parse_reference
from inference.engine.runtime import choose_runtime
from inference.services import install_package
from inference.training.package_reference import Sample, measure_reference, with_reference
from inference.training.records import DataError

SHIPPED = Path(__file__).parents[3] / "inference/packages/resnet18"


def document(**changes: Any) -> dict[str, Any]:
    """A whole valid reference, with some fields changed."""
    counts = {"edges": [0.5], "counts": [10, 90]}
    return {
        "format_version": 1, "images": 100, "source": "Training images",
        "image_statistics": {"brightness": counts}, "features": [counts],
        "directions": [[0.6, 0.8]], "called": {"nv": 100}, "malignancy": counts,
        "mean_malignancy": 0.2,
    } | changes  # fmt: skip


@pytest.fixture
def photographs(tmp_path: Path) -> tuple[Path, Path]:
    """Sixty pictures of random colours, one of them damaged, and the CSV that names them."""
    dice, folder = np.random.default_rng(7), tmp_path / "images"
    folder.mkdir()
    lines = ["image_id,dx"]
    for number in range(60):
        pixels = dice.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((80, 80)).save(folder / f"I{number}.jpg")
        lines.append(f"I{number},nv")
    (folder / "I0.jpg").write_bytes(b"no image")
    metadata = tmp_path / "metadata.csv"
    metadata.write_text("\n".join(lines) + "\n")
    return folder, metadata


def test_the_shipped_package_says_what_it_learned_from() -> None:
    reference = open_package(SHIPPED).reference
    assert reference is not None
    assert reference.images == 2000
    assert set(reference.image_statistics) == {
        "brightness", "contrast", "hue", "saturation", "sharpness", "dark_border"
    }  # fmt: skip
    assert all(one.n == 2000 for one in reference.features)
    assert sum(reference.called.values()) == 2000
    assert np.allclose(np.linalg.norm(reference.directions, axis=1), 1, atol=1e-3)


def test_a_reference_survives_writing_and_reading() -> None:
    reference = parse_reference(json.dumps(document()).encode())
    assert parse_reference(json.dumps(reference.as_json()).encode()) == reference
    assert "directions" not in reference.as_json(directions=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"format_version": 2},
        {"images": 0},
        {"mean_malignancy": 1.5},
        {"called": {}},
        {"called": {"nv": -1}},
        {"directions": [[0.6], [0.8]]},
        {"directions": [["x"]]},
        {"features": [{"edges": [0.5, 0.5], "counts": [1, 2, 3]}]},
        {"features": [{"edges": [0.5], "counts": [1]}]},
        {"malignancy": {"edges": [0.5], "counts": [0, 0]}},
        {"malignancy": {"edges": [float("nan")], "counts": [1, 2]}},
        {"image_statistics": []},
    ],
)
def test_a_reference_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PackageError):
        parse_reference(json.dumps(document(**changes)).encode())


def test_bins_are_of_equal_counts_and_zeros_have_one_of_their_own() -> None:
    assert Histogram.of(range(1000)).counts == (100,) * 10
    mostly_nothing = Histogram.of([0.0] * 95 + [0.2] * 5)
    assert (mostly_nothing.edges, mostly_nothing.counts) == ((0.2,), (95, 5))
    assert Histogram.of([]).n == 0


@pytest.mark.django_db
def test_a_model_measures_its_own_reference_and_an_installation_keeps_it(
    package_zip: Path, photographs: tuple[Path, Path], tmp_path: Path
) -> None:
    package = open_package(package_zip)
    classifier = Classifier(package, choose_runtime(package, device="torch-cpu"))
    sample = Sample.draw([photographs], split=None, part="train", images=2000, seed=7)
    reference = measure_reference(classifier, sample)
    assert reference.images == 59
    new = with_reference(package, reference, target=tmp_path / "new.zip")
    assert (new.version, new.reference) == ("1.0.1", reference)
    assert new.weights() == package.weights()
    assert new.digest != package.digest
    served = Classifier(new, choose_runtime(new, device="torch-cpu"))
    pixels = np.full((64, 64, 3), 120, dtype=np.uint8)
    answer = served.classify([pixels])[0]
    assert answer.probabilities == classifier.classify([pixels])[0].probabilities
    assert answer.features is not None
    unit = answer.features / np.linalg.norm(answer.features)
    expected = np.asarray(reference.directions) @ unit
    assert answer.projection == pytest.approx(expected.tolist(), abs=1e-5)
    installed = install_package(file=tmp_path / "new.zip", actor=None)
    assert installed.reference["images"] == 59
    assert "directions" not in installed.reference
    assert install_package(file=package_zip, actor=None).reference == {}


def test_a_handful_of_images_is_no_reference(photographs: tuple[Path, Path]) -> None:
    with pytest.raises(DataError, match="needs 50 training images; 10 are there"):
        Sample.draw([photographs], split=None, part="train", images=10, seed=7)


def test_a_reference_of_another_packages_classes_is_refused(
    package_zip: Path, tmp_path: Path
) -> None:
    strange = parse_reference(json.dumps(document(called={"scc": 3})).encode())
    with pytest.raises(PackageError, match="counts a class it does not have: scc"):
        with_reference(open_package(package_zip), strange, target=tmp_path / "new.zip")
