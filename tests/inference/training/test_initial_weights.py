"""What a training may start from, and what of it is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from inference.engine.architectures import LesionClassifier, build_classifier
from inference.engine.package import Architecture
from inference.training.initial_weights import load_initial_weights
from inference.training.recipe import load_recipe
from inference.training.records import DataError
from tests.inference.training.tiny import CLASSES, TINY, changed, tiny_network, tiny_trainer

LAST = {"network.fc.weight", "network.fc.bias"}


def start(network: LesionClassifier, path: Path, **settings: Any) -> frozenset[str]:
    return load_initial_weights(network, path, changed(**settings))


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """The checkpoint of a finished run whose averaged weights are all 0.5."""
    trainer = tiny_trainer(changed(stages=[{"epochs": 1, "size": 16}]))
    trainer.run(tmp_path / "checkpoint.pt")
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    for value in state["average"].values():
        value.fill_(0.5)
    torch.save(state, tmp_path / "checkpoint.pt")
    return tmp_path / "checkpoint.pt"


@pytest.mark.parametrize(
    ("name", "write"), [("start.pt", torch.save), ("start.safetensors", save_file)]
)
def test_a_state_dict_is_loaded(
    tmp_path: Path, name: str, write: Callable[[dict[str, torch.Tensor], Path], None]
) -> None:
    given = {
        key: torch.full_like(value, 0.25) if value.is_floating_point() else value
        for key, value in tiny_network().network.state_dict().items()
    }
    write(given, tmp_path / name)
    network = tiny_network()
    loaded = start(network, tmp_path / name)
    assert {key for key, _ in network.named_parameters()} <= loaded
    assert all((value == 0.25).all() for value in network.parameters())


def test_a_run_is_a_start_by_its_averaged_weights(trained: Path) -> None:
    network = tiny_network()
    assert start(network, trained) > LAST
    assert all((value == 0.5).all() for value in network.parameters())


def test_the_last_layer_for_other_classes_starts_anew(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network, untouched = tiny_network(), tiny_network()
    loaded = start(network, trained, classes=("mel", "nv", "sk"))
    assert not loaded & LAST
    torch.testing.assert_close(network.classifier.weight, untouched.classifier.weight)
    assert (network.network.body[0].weight == 0.5).all()
    assert "The classes of checkpoint.pt are others" in capsys.readouterr().out


def test_a_stage_that_is_there_only_in_part_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = build_classifier(Architecture("resnet18"), classes=len(CLASSES))
    given = dict(network.network.state_dict())
    del given["layer4.1.conv2.weight"]
    torch.save(given, tmp_path / "start.pt")
    loaded = start(network, tmp_path / "start.pt")
    assert "network.layer3.1.conv2.weight" in loaded
    assert not [name for name in loaded if name.startswith("network.layer4.")]
    assert f"{len(loaded)} tensors come from start.pt" in capsys.readouterr().out


def test_weights_of_another_architecture_are_refused(trained: Path) -> None:
    with pytest.raises(DataError, match="holds resnet18 and the recipe trains densenet121"):
        start(tiny_network(), trained, architecture="densenet121")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not weights", "is no starting weights"), (None, "There are no starting weights")],
)
def test_what_is_no_starting_weights_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "start.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        start(tiny_network(), path)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    torch.save({"fc.weight": torch.zeros(1000, 512), "epoch": 3}, tmp_path / "start.pt")
    with pytest.raises(DataError, match="no tensor that fits"):
        start(tiny_network(), tmp_path / "start.pt")


def test_each_network_recipe_is_one_that_a_trainer_takes() -> None:
    for name in ("resnet18", "densenet121", "efficientnet_b0", "efficientnet_b4", "three_class"):
        recipe = load_recipe(name)
        assert recipe.name == name
        tiny_trainer(changed(recipe, batch_size=TINY.batch_size))  # type: ignore[arg-type]
