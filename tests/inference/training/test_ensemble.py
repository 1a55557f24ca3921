"""Runs joined into one model: weights that mean something, and a service that answers the same."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.engine.classifier import Classifier
from inference.engine.package import open_package
from inference.engine.preprocess import load_image
from inference.engine.runtime import choose_runtime
from inference.training.__main__ import main
from inference.training.calibration import calibrated
from inference.training.ensemble import ENSEMBLE, fit_ensemble
from inference.training.ensemble_comparison import EQUAL, FITTED, RANKS, compare_ways, lesion_folds
from inference.training.ensemble_weights import (
    combined,
    equal_weights,
    fit_scale,
    fit_weights,
    rank_scores,
)
from inference.training.familiarity import FamiliarityFit
from inference.training.measures import Floats, Labels, area_under_roc, softmax
from inference.training.network_outputs import network_outputs, round_to_half_precision
from inference.training.outputs import PartOutputs, read_outputs, write_outputs
from inference.training.recipe import Recipe, load_recipe
from inference.training.records import DataError, Record, read_records
from tests.inference.training.generated import make_data_set

SIZE = 32
IMAGES = 240


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Two images a lesion, three classes."""
    return [Record(f"i{n}", "abc"[n // 2 % 3], f"l{n // 2}") for n in range(IMAGES)]


@pytest.fixture(scope="module")
def labels(records: list[Record]) -> Labels:
    return np.array(["abc".index(record.label) for record in records])


def member(labels: Labels, *, noise: float, seed: int) -> Floats:
    """Logits (N, 3) that are right up to noise."""
    random = np.random.default_rng(seed)
    return 2 * np.eye(3)[labels] + random.normal(0, noise, (len(labels), 3))


# --- weights ----------------------------------------------------------------------------------


def test_a_member_that_knows_nothing_counts_little(labels: Labels) -> None:
    random = np.random.default_rng(9).normal(0, 1, (IMAGES, 3))
    good = [member(labels, noise=1.0, seed=seed) for seed in (0, 1)]
    weights = fit_weights(np.stack([*good, random]), labels)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert weights[2] < 0.1
    assert abs(weights[0] - weights[1]) < 0.15


def test_how_loud_a_member_speaks_does_not_decide_what_it_counts(labels: Labels) -> None:
    first, second = (member(labels, noise=1.0, seed=seed) for seed in (0, 1))
    for fit in (equal_weights, fit_weights):
        plain = combined(np.stack([first, second]), fit(np.stack([first, second]), labels))
        loud = np.stack([first, 5 * second])
        louder = combined(loud, fit(loud, labels))
        answers = [softmax(logits * fit_scale(logits, labels)) for logits in (plain, louder)]
        np.testing.assert_allclose(answers[0], answers[1], atol=1e-3)


def test_the_temperature_is_the_one_the_logits_were_drawn_with() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (4000, 3))
    drawn = [random.choice(3, p=row) for row in softmax(logits)]
    assert fit_scale(logits * 4, np.array(drawn)) == pytest.approx(0.25, rel=0.1)


def test_ranks_of_one_member_order_images_as_its_probabilities_do(labels: Labels) -> None:
    logits = member(labels, noise=2.0, seed=0)[None]
    ranks, probabilities = rank_scores(logits, logits), softmax(logits[0])
    for index in range(3):
        expected = area_under_roc(probabilities[:, index], labels == index)
        assert area_under_roc(ranks[:, index], labels == index) == pytest.approx(expected)
    assert ranks.min() > 0
    assert ranks.max() < 1


# --- comparison -------------------------------------------------------------------------------


def test_no_lesion_is_in_two_folds(records: list[Record]) -> None:
    folds = lesion_folds(records)
    assert set(folds.tolist()) == set(range(5))
    assert (folds[::2] == folds[1::2]).all()


def by_name(comparison: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in comparison}


def test_members_and_ways_are_compared_on_the_same_lesions(
    records: list[Record], labels: Labels
) -> None:
    logits = np.stack([member(labels, noise=2.0, seed=seed) for seed in range(3)])
    found = by_name(compare_ways(logits, labels, records, ["x", "y", "z"]))
    assert list(found) == ["x", "y", "z", EQUAL, FITTED, RANKS]
    for name in "xyz":
        assert found[name]["log_loss_over_equal"] > 0
        assert found[name]["macro_auc"] < found[EQUAL]["macro_auc"]
    assert "log_loss" not in found[RANKS]
    low, high = found[EQUAL]["macro_auc_interval"]
    assert low < found[EQUAL]["macro_auc"] < high


def test_fitting_to_noise_is_seen_because_lesions_are_kept_out(records: list[Record]) -> None:
    """Members that know nothing: in sample a fit helps, on other lesions it cannot."""
    truth = np.random.default_rng(1).integers(0, 3, IMAGES)
    logits = np.random.default_rng(2).normal(0, 1, (8, IMAGES, 3))
    found = by_name(compare_ways(logits, truth, records, list("stuvwxyz")))
    assert found[FITTED]["log_loss"] > np.log(3) - 0.01
    assert fit_weights(np.stack([-np.eye(3)[truth]] * 2), truth) == pytest.approx([0.5, 0.5])


# --- runs -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    images, metadata = make_data_set(tmp_path_factory.mktemp("data"), size=SIZE)
    return images, read_records(metadata)


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, data: tuple[Path, list[Record]]
) -> tuple[Path, Path]:
    """Folders as the train command leaves them, of two networks that were not trained."""
    folder = tmp_path_factory.mktemp("runs")
    return (write_run(folder / "one", data, seed=1), write_run(folder / "two", data, seed=2))


def write_run(folder: Path, data: tuple[Path, list[Record]], *, seed: int) -> Path:
    from inference.engine.architectures import build_classifier
    from inference.engine.package import Architecture

    images, records = data
    changes = [f"evaluation_size={SIZE}", f"seed={seed}", "test_time_augmentation=d4"]
    recipe = load_recipe("resnet18", changes)
    assert isinstance(recipe, Recipe)
    torch.manual_seed(seed)
    model = build_classifier(Architecture("resnet18"), classes=len(recipe.classes))
    rounded = round_to_half_precision(model)
    outputs = {}
    for number, part in enumerate(("validation", "test")):
        chosen = tuple(r for r in records if int(r.lesion_id.rsplit("_")[-1]) % 2 == number)
        pixels = np.stack([load_image(images / f"{r.image_id}.jpg", SIZE) for r in chosen])
        logits = {
            way: network_outputs(
                rounded, pixels, recipe, torch.device("cpu"), eight=way == "d4"
            ).logits
            for way in ("none", "d4")
        }
        outputs[part] = PartOutputs(chosen, logits)
    folder.mkdir()
    write_outputs(folder / "outputs.json", outputs)
    strange = {"noise": np.ones(4)}
    FamiliarityFit(
        np.zeros(512, np.float32), np.eye(32, 512, dtype=np.float32), np.ones(9), strange
    ).write(folder / "familiarity.npz")
    average = {f"module.network.{name}": v for name, v in model.network.state_dict().items()}
    progress = {"epoch": recipe.epochs, "seconds": 1.0, "history": []}
    state = {"recipe": recipe.as_dict(), "progress": progress, "average": average}
    torch.save(state, folder / "checkpoint.pt")
    run = {
        "recipe": recipe.as_dict(),
        "data_digest": "d" * 64,
        "split_digest": "s" * 64,
        "images": {"train": 1, "validation": 1, "test": 1},
        "initial_weights": None,
        "git_revision": "unknown",
        "hardware": "a machine",
    }
    (folder / "run.json").write_text(json.dumps(run))
    return folder


def test_the_ensemble_in_service_answers_as_its_runs_together_did(
    runs: tuple[Path, Path], data: tuple[Path, list[Record]], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["ensemble", *map(str, runs), f"--out={tmp_path}"]) == 0
    printed = capsys.readouterr().out
    assert all(words in printed for words in (EQUAL, FITTED, RANKS, "resnet18 seed 2"))
    fit = json.loads((tmp_path / ENSEMBLE).read_text())["augmentations"]["d4"]
    out = tmp_path / "package.zip"
    assert main(["package", str(tmp_path / ENSEMBLE), f"--out={out}", "--name=both"]) == 0

    package = open_package(out)
    assert package.test_time_augmentation == "d4", "as the recipes of the runs say"
    assert [member.weight for member in package.architecture.members] == pytest.approx(
        fit["weights"], abs=1e-6
    )
    assert [part["seed"] for part in package.training["members"]] == [1, 2]
    assert "ensemble" in package.card
    parts = [read_outputs(run / "outputs.json")["test"] for run in runs]
    chosen = slice(0, 40, 7)
    logits = combined(np.stack([part.logits["d4"] for part in parts]), np.array(fit["weights"]))
    images = [load_image(data[0] / f"{r.image_id}.jpg", SIZE) for r in parts[0].records[chosen]]
    answers = Classifier(package, choose_runtime(package, device="torch-cpu")).classify(images)
    found = np.array([list(answer.probabilities.values()) for answer in answers])
    np.testing.assert_allclose(found, calibrated(logits[chosen], package.calibration), atol=1e-4)


def test_a_run_that_changed_after_the_fit_is_refused(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit_ensemble(runs, tmp_path, equal=True)
    document = json.loads((tmp_path / ENSEMBLE).read_text())
    assert all(fit["way"] == EQUAL for fit in document["augmentations"].values())
    document["runs"][1]["outputs_sha256"] = "0" * 64
    (tmp_path / ENSEMBLE).write_text(json.dumps(document))
    assert main(["package", str(tmp_path / ENSEMBLE), f"--out={tmp_path / 'p.zip'}"]) == 1
    assert "The run two is not what it was" in capsys.readouterr().err


def copy_of(run: Path, folder: Path, **changes: Any) -> Path:
    """The run with another run.json."""
    folder.mkdir()
    for file in run.iterdir():
        (folder / file.name).symlink_to(file)
    document = json.loads((run / "run.json").read_text()) | changes
    (folder / "run.json").unlink()
    (folder / "run.json").write_text(json.dumps(document))
    return folder


def test_runs_that_do_not_belong_together_are_refused(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    def refusal(*chosen: Path) -> str:
        with pytest.raises(DataError) as refused:
            fit_ensemble(chosen, tmp_path / "out")
        return str(refused.value)

    assert "from 2 to 20 runs" in refusal(runs[0])
    assert "named twice" in refusal(runs[0], runs[0])
    assert "no finished run in nothing" in refusal(runs[0], tmp_path / "nothing")
    other_split = copy_of(runs[1], tmp_path / "split", split_digest="t" * 64)
    assert "not trained on the same split" in refusal(runs[0], other_split)
    fewer = copy_of(runs[1], tmp_path / "fewer")
    outputs = read_outputs(runs[1] / "outputs.json")
    part = outputs["test"]
    outputs["test"] = replace(part, records=(Record(**asdict(part.records[0])),))
    (fewer / "outputs.json").unlink()
    write_outputs(fewer / "outputs.json", outputs)
    assert "did not answer the same images" in refusal(runs[0], fewer)
    assert not (tmp_path / "out").exists()
