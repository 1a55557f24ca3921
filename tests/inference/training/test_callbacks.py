"""Two-stage training, and what validation decides: the rate, the end, and the weights to keep."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from inference.training.callbacks import Watch
from inference.training.frozen_backbone import freeze_backbone
from inference.training.records import DataError
from inference.training.schedules import learning_rate_factor
from inference.training.trainer import Trainer
from tests.inference.training.tiny import changed, tiny_network, tiny_trainer

WATCHED = changed(
    schedule="plateau",
    plateau_patience=1,
    plateau_factor=0.5,
    early_stopping=3,
    keep="best",
)
# What the epochs of a scripted run reach: the second is the best, three more are not.
REACHED = (0.4, 0.6, 0.5, 0.55, 0.3, 0.9)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    def reach(trainer: Trainer) -> dict[str, float]:
        return {"balanced_accuracy": REACHED[trainer.progress.epoch - 1]}

    monkeypatch.setattr(Trainer, "validate", reach)


def weights(state: dict[str, Tensor]) -> Tensor:
    return torch.cat([value.flatten().double() for value in state.values()])


def test_early_stopping_ends_a_run_and_the_best_epoch_is_kept(
    scripted: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    averages: list[Tensor] = []
    save = Trainer.save

    def save_and_remember(trainer: Trainer, path: Path) -> None:
        save(trainer, path)
        averages.append(weights(trainer.average.state_dict()))

    monkeypatch.setattr(Trainer, "save", save_and_remember)
    trainer = tiny_trainer(WATCHED)
    trainer.run(tmp_path / "checkpoint.pt")
    assert trainer.progress.epoch == 5, "three validations after the best, the run is over"
    assert trainer.progress.kept_epoch == 2
    torch.testing.assert_close(averages[4], averages[1], rtol=0, atol=0)
    assert not torch.equal(averages[3], averages[1])


def test_the_last_epoch_is_kept_where_the_recipe_says_so(scripted: None, tmp_path: Path) -> None:
    trainer = tiny_trainer(changed(WATCHED, keep="last", early_stopping=0))
    trainer.run(tmp_path / "checkpoint.pt")
    assert (trainer.progress.epoch, trainer.progress.kept_epoch) == (6, 6)
    assert trainer.best is None


def test_the_rate_is_reduced_where_validation_no_longer_improves(
    scripted: None, tmp_path: Path
) -> None:
    trainer = tiny_trainer(WATCHED)
    trainer.run(tmp_path / "checkpoint.pt")
    rates = [row["rate"] for row in trainer.progress.history]
    # The third epoch is the first that is no better: the fourth trains at half of the rate.
    np.testing.assert_allclose(rates, np.array([1, 1, 1, 0.5, 0.25]) * WATCHED.learning_rate)


def test_an_interrupted_run_waits_no_longer_than_an_uninterrupted_one(
    scripted: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = tiny_trainer(WATCHED)
    whole.run(tmp_path / "whole.pt")
    save = Trainer.save

    def save_and_stop(trainer: Trainer, path: Path) -> None:
        save(trainer, path)
        if trainer.progress.epoch == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "save", save_and_stop)
        halved = tiny_trainer(WATCHED)
        with pytest.raises(KeyboardInterrupt):
            halved.run(tmp_path / "halved.pt")
    resumed = tiny_trainer(WATCHED)
    resumed.resume(torch.load(tmp_path / "halved.pt", weights_only=True))
    resumed.run(tmp_path / "halved.pt")
    assert vars(resumed.watch) == vars(whole.watch)
    assert resumed.progress.kept_epoch == whole.progress.kept_epoch == 2
    for mine, reference in zip(resumed.progress.history, whole.progress.history, strict=True):
        assert mine["loss"] == pytest.approx(reference["loss"], rel=1e-3)
        assert mine["rate"] == pytest.approx(reference["rate"])
    torch.testing.assert_close(
        weights(resumed.average.state_dict()),
        weights(whole.average.state_dict()),
        rtol=1e-3,
        atol=1e-3,
    )


def test_less_loss_is_better() -> None:
    recipe, watch = changed(WATCHED, watched="validation_loss"), Watch()
    seen = [
        watch.see({"validation_loss": loss}, epoch=epoch, recipe=recipe)
        for epoch, loss in enumerate((2.0, 1.0, 1.5), start=1)
    ]
    assert seen == [True, True, False]
    assert (watch.best_epoch, watch.waited) == (2, 1)


def test_nothing_is_waited_for_while_the_backbone_is_frozen() -> None:
    recipe, watch = changed(WATCHED, frozen_epochs=3), Watch()
    for epoch, reached in enumerate((0.5, 0.4, 0.4, 0.4), start=1):
        watch.see({"balanced_accuracy": reached}, epoch=epoch, recipe=recipe)
    assert watch.waited == 1


@pytest.mark.parametrize(
    "settings", [{"watched": "luck"}, {"keep": "all"}, {"plateau_factor": 3.0}]
)
def test_callbacks_refuse_settings_they_do_not_understand(settings: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(settings))):
        tiny_trainer(changed(WATCHED, **settings))


def test_a_frozen_backbone_keeps_weights_and_statistics_until_the_second_stage() -> None:
    recipe = changed(WATCHED, frozen_epochs=1, plateau_patience=9, sampling_exponent=1.0)
    names = [name for name, _ in tiny_trainer(WATCHED).model.named_parameters()]
    trainer = tiny_trainer(recipe, loaded=frozenset(names))
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.train_one_epoch(0)
    moved = {
        name
        for name, value in trainer.model.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert moved == {"network.fc.weight", "network.fc.bias"}
    trainer.train_one_epoch(1)
    unmoved = {
        name
        for name, value in trainer.model.state_dict().items()
        if torch.equal(value, before[name])
    }
    assert unmoved == set()


def test_what_has_no_starting_weights_is_never_frozen() -> None:
    model = tiny_network().train()
    freeze_backbone(model, frozenset({"network.body.0.weight"}), frozen=True)
    held = [name for name, value in model.named_parameters() if not value.requires_grad]
    assert held == ["network.body.0.weight"]
    assert all(layer.training for layer in model.modules() if layer is not model)


def test_the_schedule_begins_with_the_fine_tuning() -> None:
    recipe = changed(WATCHED, schedule="cosine", warmup_epochs=1.0)
    factor = learning_rate_factor(recipe, 4, frozen_epochs=2)
    assert [factor(step) for step in (0, 7)] == [1.0, 1.0]
    np.testing.assert_allclose([factor(step) for step in range(8, 12)], [0.25, 0.5, 0.75, 1.0])
    assert factor(24) == pytest.approx(0.0)


def test_a_diverged_run_says_so_and_keeps_its_last_good_epoch(tmp_path: Path) -> None:
    trainer = tiny_trainer(changed(WATCHED, learning_rate=float("nan")))
    with pytest.raises(DataError, match="lower the learning rate"):
        trainer.run(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "checkpoint.pt").exists()


def test_fewer_images_than_a_batch_are_refused() -> None:
    with pytest.raises(DataError, match="fewer than a batch of 16"):
        tiny_trainer(changed(WATCHED, batch_size=16))
