"""Gradient-boosted trees: xgboost grows them, numpy answers with them, a package carries them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from xgboost import Booster, DMatrix

from inference.engine.classifier import Classifier
from inference.engine.package import open_package
from inference.engine.preprocess import load_image, to_batch
from inference.engine.runtime import choose_runtime
from inference.engine.trees import PixelTrees, block_sums
from inference.training.__main__ import main
from inference.training.outputs import OUTPUTS, read_outputs
from inference.training.pixel_trees import Forest, best_trees
from inference.training.pixel_trees_recipe import PixelTreesRecipe
from inference.training.recipe import load_recipe
from inference.training.records import DataError
from tests.inference.training.generated import CODES, make_data_set

SETTINGS = (
    "depth=3", "rounds=24", "learning_rate=0.3", "cache_size=48", "early_stopping=12",
    "image_share=0.8", "pixel_share=0.5",
)  # fmt: skip


def train_arguments(images: Path, metadata: Path, out: Path, *settings: str) -> list[str]:
    changes = [f"--set={setting}" for setting in (*SETTINGS, *settings)]
    where = [f"--data={images}", f"--metadata={metadata}", f"--out={out}"]
    return ["train", "xgboost_pixels", *where, "--threads=1", *changes]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_data_set(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, data: tuple[Path, Path]) -> Path:
    """A finished run's folder."""
    out = tmp_path_factory.mktemp("run")
    assert main(train_arguments(*data, out)) == 0
    return out


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    out = tmp_path_factory.mktemp("package") / "trees.zip"
    assert main(["package", str(run / "checkpoint.pt"), f"--out={out}"]) == 0
    return out


@pytest.fixture(scope="module")
def images(run: Path, data: tuple[Path, Path]) -> NDArray[np.uint8]:
    """The validation images as the package sees them: uint8 (N, 32, 32, 3)."""
    records = read_outputs(run / OUTPUTS)["validation"].records
    return np.stack([load_image(data[0] / f"{record.image_id}.jpg", 32) for record in records])


def booster_and_recipe(run: Path) -> tuple[Booster, PixelTreesRecipe, int]:
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    recipe = PixelTreesRecipe.from_dict(state["recipe"])
    return Booster(model_file=bytearray(state["booster"])), recipe, state["growth"]["best_round"]


def test_numpy_answers_with_the_margins_of_xgboost(run: Path, images: NDArray[np.uint8]) -> None:
    booster, recipe, rounds = booster_and_recipe(run)
    noise = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    pictures = np.concatenate([images, noise])
    sums = block_sums(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)), recipe.side)
    margins = booster.predict(
        DMatrix(sums.astype(np.float32)), output_margin=True, iteration_range=(0, rounds)
    )
    trees = best_trees(booster, recipe, rounds=rounds)
    model = PixelTrees(**vars(trees), side=recipe.side, preprocessing=recipe.preprocessing)
    answered = model.forward(to_batch([*pictures], recipe.preprocessing)).logits
    assert margins.std() > 0.1
    np.testing.assert_allclose(answered, margins, atol=1e-5)


def test_a_class_map_is_the_logit_divided_among_the_places(
    run: Path, images: NDArray[np.uint8]
) -> None:
    booster, recipe, rounds = booster_and_recipe(run)
    trees = best_trees(booster, recipe, rounds=rounds)
    model = PixelTrees(**vars(trees), side=recipe.side, preprocessing=recipe.preprocessing)
    answer = model.forward(to_batch([*images], recipe.preprocessing))
    bias = trees.value[:, :, 0].sum(axis=0)
    mean = answer.class_maps.mean(axis=(2, 3))
    np.testing.assert_allclose(mean + bias, answer.logits, atol=1e-4)
    # The corners are skin in every picture: the trees look at the middle.
    weight = np.abs(answer.class_maps).mean(axis=(0, 1))
    assert weight[2:6, 2:6].mean() > 2 * weight[[0, 0, 7, 7], [0, 7, 0, 7]].mean()


def test_training_learns_and_says_where_it_came_from(run: Path, package: Path) -> None:
    opened = open_package(package)
    assert opened.name == "xgboost_pixels"
    assert opened.architecture.name == "pixel_trees"
    assert opened.metrics["macro_auc"] > 0.8
    assert opened.training["rounds"] == opened.architecture.arguments["rounds"] > 3
    assert len(opened.training["data_digest"]) == len(opened.training["split_digest"]) == 64
    assert opened.test_time_augmentation == "d4"
    assert "rounds of gradient boosting" in opened.card
    assert opened.metadata.document["out_of_distribution"]["auroc"]["noise"] > 0.9


def test_the_split_is_made_before_the_training_images_are_turned(run: Path) -> None:
    parts = json.loads((run / "split.json").read_text())["parts"]
    lesions = [{image[:-2] for image in images} for images in parts.values()]
    assert sum(map(len, lesions)) == len(set.union(*lesions))
    assert [record.image_id for record in read_outputs(run / OUTPUTS)["test"].records] == list(
        parts["test"]
    )


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "torch-cpu"])
def test_the_package_answers_as_the_run_did_on_any_device(
    package: Path, run: Path, images: NDArray[np.uint8], device: str
) -> None:
    opened = open_package(package)
    runtime = choose_runtime(opened, device=device)
    assert runtime.name == "numpy-cpu"
    logits = read_outputs(run / OUTPUTS)["validation"].logits_with("none")
    found = runtime.forward(to_batch([*images], opened.preprocessing)).logits
    np.testing.assert_allclose(found, logits, atol=1e-4)
    answers = Classifier(opened, runtime).classify([*images[:3]])
    assert all(answer.activation.shape == (8, 8) for answer in answers)
    assert all(sum(answer.probabilities.values()) == pytest.approx(1) for answer in answers)


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, data: tuple[Path, Path], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Forest._save

    def save_once(forest: Forest, booster: Booster, path: Path) -> None:
        save(forest, booster, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(Forest, "_save", save_once)
    with pytest.raises(KeyboardInterrupt):
        main(train_arguments(*data, tmp_path))
    monkeypatch.undo()
    assert main(["package", str(tmp_path / "checkpoint.pt"), f"--out={tmp_path / 'no'}"]) == 1
    assert main(train_arguments(*data, tmp_path, "depth=2")) == 1
    assert main(train_arguments(*data, tmp_path)) == 0
    for part in ("validation", "test"):
        straight, resumed = (read_outputs(out / OUTPUTS)[part] for out in (run, tmp_path))
        np.testing.assert_allclose(straight.logits_with("d4"), resumed.logits_with("d4"), atol=1e-4)


def test_verify_predict_and_evaluate_work_as_with_a_network(
    package: Path, run: Path, data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["verify", str(package)]) == 0
    assert "numpy answers" in capsys.readouterr().out
    folder = tmp_path / "images"
    folder.mkdir()
    Image.open(data[0] / "mel_00_0.jpg").resize((200, 150)).save(folder / "large.png")
    out = tmp_path / "predictions.csv"
    assert main(["predict", f"--package={package}", f"--images={folder}", f"--out={out}"]) == 0
    (row,) = csv.DictReader(out.open())
    assert sum(float(row[code]) for code in CODES) == pytest.approx(1, abs=1e-4)
    arguments = ["evaluate", f"--package={package}", f"--images={data[0]}", f"--labels={data[1]}"]
    arguments += [f"--out={tmp_path}", f"--split={run / 'split.json'}", "--part=validation"]
    assert main(arguments) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    metrics = open_package(package).metrics
    assert report["images"] == metrics["images"]
    assert report["macro_auc"] == pytest.approx(metrics["macro_auc"], abs=0.01)


def test_refusals_are_one_sentence(
    tmp_path: Path, data: tuple[Path, Path], capsys: pytest.CaptureFixture
) -> None:
    assert main(train_arguments(*data, tmp_path, "side=24")) == 1
    assert capsys.readouterr().err.endswith("divides the evaluation size 32, not 24.\n")
    arguments = train_arguments(*data, tmp_path)
    assert main([*arguments, f"--init-weights={tmp_path}"]) == 1
    assert "Trees have no starting weights" in capsys.readouterr().err
    with pytest.raises(DataError, match="no setting called dropout"):
        load_recipe("xgboost_pixels", ["dropout=0.1"])
