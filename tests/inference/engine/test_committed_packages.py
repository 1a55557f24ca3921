"""The packages in this repository are what they say they are."""

from pathlib import Path

import numpy as np
import pytest

from inference.engine.classifier import Classifier
from inference.engine.package import open_package
from inference.engine.runtime import check_agreement, choose_runtime

PACKAGES = sorted((Path(__file__).parents[3] / "inference" / "packages").glob("*/configs/.."))


def test_there_is_a_package_to_put_into_service() -> None:
    assert PACKAGES


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.resolve().name)
def test_a_committed_package_is_whole_and_says_what_it_is(folder: Path) -> None:
    package = open_package(folder.resolve())
    assert package.name == folder.resolve().name
    for words in ("not a medical device", "CC BY-NC 4.0", "Tschandl", "validation", "akiec"):
        assert words in package.card
    assert f"{package.metrics['balanced_accuracy']:.3f}" in package.card
    assert package.training["settings"]["seed"] == package.training["seed"]
    malignancy = {entry.code: entry.malignancy for entry in package.classes}
    assert malignancy["akiec"] == "indeterminate"
    assert {entry.code for entry in package.classes if entry.counts_as_malignant} == {
        "mel",
        "bcc",
        "akiec",
    }


@pytest.mark.model
@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.resolve().name)
def test_a_committed_package_serves(folder: Path, tmp_path: Path) -> None:
    package = open_package(folder.resolve())
    network = tmp_path / "network.onnx"
    runtime = choose_runtime(package, onnx_path=network, device="cpu")
    assert check_agreement(package, network) <= 1e-4
    size = package.preprocessing.size
    skin = np.full((size, size, 3), (222, 170, 160), dtype=np.uint8)
    dark = skin.copy()
    dark[size // 3 : -size // 3, size // 3 : -size // 3] = (60, 40, 35)
    answers = Classifier(package, runtime).classify([skin, dark])
    assert answers[0].probabilities != answers[1].probabilities
    for answer in answers:
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert 0 <= answer.activation.min() <= answer.activation.max() <= 1
