"""`manage.py retrain`, and the commands that a run's page gives to type elsewhere."""

import shlex
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from accounts.models import Organisation
from clinic.models import DatasetVersion
from inference.models import RunState, TrainingRun
from inference.services.training.leases import claim_training, report_training
from inference.shown_training import TORCHRUN, shown_run
from inference.training.__main__ import build_parser
from inference.training.recipe import load_recipe
from inference.worker.training.commands import by_hand, options_here
from inference.worker.training.folder import RunFolder
from tests.factories import ModelVersionFactory
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import QUICK, frozen_pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(northside: Organisation) -> DatasetVersion:
    return frozen_pictures(northside)


def retrain(*arguments: str, **options: Any) -> str:
    out = StringIO()
    changes = [f"--set={setting}" for setting in QUICK]
    call_command("retrain", *arguments, *changes, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("named", ["key", "digest", "DIGEST"])
def test_a_version_is_named_by_its_key_or_the_beginning_of_its_digest(
    version: DatasetVersion, named: str
) -> None:
    digest = version.digest[:10]
    text = {"key": str(version.pk), "digest": digest, "DIGEST": digest.upper()}[named]
    said = retrain("--dataset", text, "--recipe", "resnet18", "--seed", "4")
    run = TrainingRun.objects.get()
    assert (run.dataset_version, run.seed, run.state) == (version, 4, RunState.QUEUED)
    assert "waits for a training machine" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--dataset", "0123456789", "--recipe", "resnet18"), "no frozen version 0123456789"),
        (("--dataset", "012", "--recipe", "resnet18"), "at least 6 characters"),
        (("--dataset", "{}", "--recipe", "alexnet"), "no recipe called alexnet"),
        (("--dataset", "{}", "--recipe", "resnet18", "--start-from", "nobody"), "no model nobody"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    version: DatasetVersion, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        retrain(*(argument.format(version.digest) for argument in arguments))
    assert not TrainingRun.objects.exists()


def test_a_digest_that_two_versions_begin_with_is_not_guessed(northside: Organisation) -> None:
    for number in (1, 2):
        frozen_pictures(northside, digest=f"abcdef{number}" + "0" * 57)
    with pytest.raises(CommandError, match="Several versions"):
        retrain("--dataset", "abcdef", "--recipe", "resnet18")


def test_waiting_prints_epochs_as_they_come_and_fails_with_the_reason(
    version: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(("begin", "second", "fail"))

    def machine(_: float) -> None:
        moment = next(moments)
        if moment == "begin":
            claimed = claim_training(machine="gpu")
            assert claimed is not None
            report_training(claimed=claimed, epochs=[{"epoch": 1.0, "loss": 1.25}])
        elif moment == "second":
            epochs = [{"epoch": 1.0, "loss": 1.25}, {"epoch": 2.0, "loss": 0.5}]
            TrainingRun.objects.update(epochs=epochs)
        else:
            TrainingRun.objects.update(
                state="failed", reason="The disk is full.", finished_at="2026-01-02T00:00Z"
            )

    monkeypatch.setattr("inference.management.commands.retrain.time.sleep", machine)
    out = StringIO()
    with pytest.raises(CommandError, match=r"The disk is full\."):
        call_command(
            "retrain", "--dataset", version.digest, "--recipe", "resnet18", "--wait",
            *(f"--set={setting}" for setting in QUICK), stdout=out,
        )  # fmt: skip
    assert out.getvalue().count("Epoch 1: loss 1.25") == 1
    assert "Epoch 2: loss 0.5" in out.getvalue()


def test_ctrl_c_while_waiting_cancels(
    version: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inference.management.commands.retrain.time.sleep", interrupt)
    with pytest.raises(SystemExit):
        retrain("--dataset", version.digest, "--recipe", "resnet18", "--wait", stderr=StringIO())
    assert TrainingRun.objects.get().state == RunState.CANCELLED


def test_the_commands_of_a_page_are_understood_and_name_no_machine() -> None:
    parent = ModelVersionFactory(name="resnet18", version="2.0.0")
    run = a_training_run(start_from=parent, settings=['label_map={"bkl": ""}', "stages=1@48"])
    for launcher in (("python",), TORCHRUN):
        _, module, command = by_hand(run, launcher).partition("-m inference.training ")
        assert module
        options = build_parser().parse_args(shlex.split(command.replace("\\\n", "")))
        assert load_recipe(options.recipe, options.set).seed == run.seed
        assert str(options.init_weights) == "resnet18-2.0.0.zip"
        assert not any(str(value).startswith("/") for value in vars(options).values())


def test_a_machine_s_own_weights_begin_a_run_that_names_no_model(settings: LazySettings) -> None:
    settings.TRAINING_STARTING_WEIGHTS = {"resnet18": "/weights/imagenet.pt"}
    run = a_training_run()
    options = options_here(run, RunFolder(run.pk))
    assert options[options.index("--init-weights") + 1] == "/weights/imagenet.pt"
    assert "--init-weights imagenet.pt" in by_hand(run)
    for other in (a_training_run(recipe="densenet121"), a_training_run(recipe="xgboost_pixels")):
        assert "--init-weights" not in options_here(other, RunFolder(other.pk))
    follower = a_training_run(start_from=ModelVersionFactory(state="candidate", version="9.0.0"))
    assert "--init-weights resnet18-9.0.0.zip" in by_hand(follower)


def test_trees_are_grown_by_one_process() -> None:
    assert shown_run(a_training_run(recipe="xgboost_pixels")).torchrun == ""
    assert shown_run(a_training_run()).torchrun.startswith("torchrun")
