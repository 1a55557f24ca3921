"""Train, package, verify, predict and evaluate, on generated images, as from the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.engine.classifier import Classifier
from inference.engine.package import PackageError, open_package, write_package
from inference.engine.preprocess import load_image
from inference.engine.runtime import check_agreement, choose_runtime
from inference.training.__main__ import main
from inference.training.calibration import calibrated
from inference.training.outputs import OUTPUTS, read_outputs
from inference.training.trainer import Trainer
from tests.inference.training.generated import CODES, make_data_set

SETTINGS = (
    "stages=4@40,1@48",
    "cache_size=48",
    "evaluation_size=48",
    "batch_size=8",
    "warmup_epochs=0.3",
    "ema_decay=0.8",
    "validate_every=2",
)


def train_arguments(images: Path, metadata: Path, out: Path, *settings: str) -> list[str]:
    changes = [f"--set={setting}" for setting in (*SETTINGS, *settings)]
    return [
        "train",
        "resnet18",
        f"--data={images}",
        f"--metadata={metadata}",
        f"--out={out}",
        "--threads=1",
        *changes,
    ]


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
    out = tmp_path_factory.mktemp("package") / "trained"
    assert (
        main(
            [
                "package",
                str(run / "checkpoint.pt"),
                f"--out={out}",
                "--name=generated",
                "--trained-on=Generated=CC0",
            ]
        )
        == 0
    )
    return out


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Path:
    """The package's network as a first worker exports it, into a folder that is not there yet."""
    path = tmp_path_factory.mktemp("cache") / "new" / "network.onnx"
    choose_runtime(open_package(package), onnx_path=path, device="cpu")
    return path


def test_training_learns_and_writes_down_where_it_came_from(run: Path, package: Path) -> None:
    opened = open_package(package)
    assert opened.metrics["macro_auc"] > 0.75
    assert opened.training["epochs"] == 5
    assert len(opened.training["data_digest"]) == len(opened.training["split_digest"]) == 64
    assert opened.training["seconds"] > 0
    losses = [row["loss"] for row in opened.training["history"]]
    assert losses[-1] < losses[0]
    assert "not a medical device" in opened.card
    assert "Sci. Data" not in opened.card, "generated images are nobody's publication"
    assert "Generated (CC0)" in (package / "LICENSE").read_text()
    assert opened.licence.startswith("CC0")
    assert opened.conformal is not None
    assert opened.metadata.document["out_of_distribution"]["auroc"]["noise"] > 0.9
    assert {point.name for point in opened.operating_points} == {
        "sensitivity 0.90",
        "sensitivity 0.95",
    }


def test_validation_and_test_share_no_lesion_with_training(run: Path) -> None:
    parts = json.loads((run / "split.json").read_text())["parts"]
    lesions = {name: {image[:-2] for image in images} for name, images in parts.items()}
    assert all(lesions.values())
    assert sum(map(len, lesions.values())) == len(set.union(*lesions.values()))
    outputs = read_outputs(run / OUTPUTS)
    assert [record.image_id for record in outputs["test"].records] == parts["test"]


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, data: tuple[Path, Path], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Trainer.save

    def save_once(trainer: Trainer, path: Path) -> None:
        save(trainer, path)
        if trainer.progress.epoch == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "save", save_once)
    with pytest.raises(KeyboardInterrupt):
        main(train_arguments(*data, tmp_path))
    monkeypatch.undo()
    assert main(["package", str(tmp_path / "checkpoint.pt"), f"--out={tmp_path / 'no'}"]) == 1
    assert main(train_arguments(*data, tmp_path)) == 0
    states = [torch.load(out / "checkpoint.pt", weights_only=True) for out in (run, tmp_path)]
    assert [state["progress"]["epoch"] for state in states] == [5, 5]
    for name, value in states[0]["average"].items():
        torch.testing.assert_close(value, states[1]["average"][name], atol=0.02, rtol=0.05)


def test_the_package_serves_the_same_through_both_runtimes(package: Path, network: Path) -> None:
    opened = open_package(package)
    written = network.stat().st_mtime_ns
    runtime = choose_runtime(opened, onnx_path=network, device="cpu")
    assert runtime.name == "onnxruntime-cpu"
    assert check_agreement(opened, network) <= 1e-4
    assert network.stat().st_mtime_ns == written, "an exported network is used, not made again"
    assert list(network.parent.iterdir()) == [network]
    torch_runtime = choose_runtime(opened, device="torch-cpu")
    batch = np.random.default_rng(0).normal(size=(3, 3, 48, 48)).astype(np.float32)
    for mine, reference in zip(
        vars(runtime.forward(batch)).values(),
        vars(torch_runtime.forward(batch)).values(),
        strict=True,
    ):
        np.testing.assert_allclose(mine, reference, atol=1e-3, rtol=1e-3)
    assert runtime.forward(batch[:1]).logits.shape == (1, 7)


@pytest.mark.parametrize("stale", [b"", b"no network"])
def test_a_damaged_exported_network_is_made_anew(
    package: Path, tmp_path: Path, stale: bytes
) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(stale)
    assert choose_runtime(open_package(package), onnx_path=path, device="cpu").batch_size == 8
    assert path.stat().st_size > 1_000_000


def test_packaged_probabilities_are_those_the_training_reported(
    package: Path, run: Path, data: tuple[Path, Path]
) -> None:
    """The service decodes and answers exactly as the run's own validation did."""
    opened = open_package(package)
    part = read_outputs(run / OUTPUTS)["validation"]
    images = [load_image(data[0] / f"{record.image_id}.jpg", 48) for record in part.records]
    answers = Classifier(opened, choose_runtime(opened, device="torch-cpu")).classify(images)
    expected = calibrated(part.logits_with("none"), opened.calibration)
    found = np.array([list(answer.probabilities.values()) for answer in answers])
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_verify_predict_and_evaluate_from_the_command_line(
    package: Path, network: Path, data: tuple[Path, Path], run: Path, tmp_path: Path
) -> None:
    images, metadata = data
    onnx = f"--onnx={network}"
    assert main(["verify", str(package), "--quick"]) == 0
    folder = tmp_path / "images"
    folder.mkdir()
    Image.open(images / "mel_00_0.jpg").resize((200, 150)).save(folder / "large.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    out = tmp_path / "predictions.csv"
    assert (
        main(["predict", f"--package={package}", f"--images={folder}", f"--out={out}", onnx]) == 0
    )
    broken, large = csv.DictReader(out.open())
    assert broken["error"].endswith("not an image.")
    assert sum(float(large[code]) for code in CODES) == pytest.approx(1, abs=1e-4)
    assert large["called"] == large["plausible"].split()[0]
    assert float(large["strangeness"]) > 0
    report_folder = tmp_path / "report"
    arguments = ["evaluate", f"--package={package}", f"--images={images}", f"--labels={metadata}"]
    arguments += [f"--out={report_folder}", f"--split={run / 'split.json'}", "--part=validation"]
    assert main([*arguments, onnx]) == 0
    report = json.loads((report_folder / "report.json").read_text())
    metrics = open_package(package).metrics
    assert report["images"] == metrics["images"]
    assert report["balanced_accuracy"] == pytest.approx(metrics["balanced_accuracy"], abs=0.02)
    assert "Confusion" in (report_folder / "report.html").read_text()
    arguments = ["package", str(run / "checkpoint.pt"), f"--out={tmp_path / 'with.zip'}"]
    assert main([*arguments, f"--elsewhere=Northside={report_folder / 'report.json'}"]) == 0
    assert "| Northside |" in open_package(tmp_path / "with.zip").card


def test_refusals_are_one_sentence_on_standard_error(
    tmp_path: Path, data: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "nothing")]) == 1
    assert capsys.readouterr().err == "There is no package at nothing.\n"
    labels = tmp_path / "labels.csv"
    labels.write_text("image_id,dx\nmel_00_0,wart\n")
    assert main(train_arguments(data[0], labels, tmp_path / "out")) == 1
    assert "does not know the label wart" in capsys.readouterr().err


def test_a_package_whose_weights_do_not_fit_is_refused(package: Path) -> None:
    opened = open_package(package)
    document = dict(opened.metadata.document) | {
        "architecture": {"name": "efficientnet_b0", "arguments": {}}
    }
    other = write_package(
        package.parent / "other.zip",
        metadata=document,
        weights=opened.weights(),
        card="# Other",
        licence="CC0",
    )
    with pytest.raises(PackageError, match="do not fit efficientnet_b0: the tensor"):
        choose_runtime(other, device="torch-cpu")


def test_an_exported_network_that_answers_otherwise_is_refused(
    package: Path, network: Path, tmp_path: Path
) -> None:
    opened = open_package(package)
    changed = bytearray(opened.weights())
    entry = opened.tensors["fc.bias"]
    changed[entry.start : entry.start + 2] = np.float16(3).tobytes()
    other = write_package(
        tmp_path / "other.zip",
        metadata=opened.metadata.document,
        weights=bytes(changed),
        card="# Other",
        licence="CC0",
    )
    with pytest.raises(PackageError, match="disagrees"):
        check_agreement(other, network)
