"""Who may ask for a training, of what, and what is refused before a machine is kept busy."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import DatasetTombstone, DatasetVersion
from inference.models import RunState, TrainingRun
from inference.services.training import cancel_training, request_training, try_training_again
from inference.services.training.leases import claim_training
from tests.factories import ModelVersionFactory
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import QUICK, frozen_pictures, operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(northside: Organisation) -> DatasetVersion:
    return frozen_pictures(northside)


@pytest.fixture
def ask(version: DatasetVersion) -> Callable[..., TrainingRun]:
    def ask(**values: Any) -> TrainingRun:
        values.setdefault("actor", None)
        asked = {"version": version, "recipe": "resnet18", "settings": QUICK}
        return request_training(**{**asked, **values})

    return ask


def test_a_run_waits_for_a_machine(ask: Callable[..., TrainingRun], ada: User) -> None:
    run = ask(seed=9, actor=operator(ada))
    assert (run.state, run.seed, run.requested_by) == (RunState.QUEUED, 9, ada)
    assert run.settings == list(QUICK)


def test_a_double_click_makes_one_run(ask: Callable[..., TrainingRun]) -> None:
    key = uuid4()
    assert ask(key=key) == ask(key=key)
    assert TrainingRun.objects.count() == 1


def test_a_form_of_another_version_has_expired(
    ask: Callable[..., TrainingRun], northside: Organisation
) -> None:
    key = ask().pk
    with pytest.raises(Conflict, match="expired"):
        ask(key=key, version=frozen_pictures(northside, seed=2))


def test_an_administrator_who_is_no_operator_is_refused(
    ask: Callable[..., TrainingRun], ada: User
) -> None:
    with pytest.raises(NotAllowed, match="Model operators"):
        ask(actor=ada)


def test_an_operator_trains_on_nobody_elses_images(
    ask: Callable[..., TrainingRun], bob: User
) -> None:
    with pytest.raises(NotAllowed, match="administrators of every organisation"):
        ask(actor=operator(bob))


def test_a_sealed_test_set_is_never_trained_on(
    ask: Callable[..., TrainingRun], northside: Organisation
) -> None:
    with pytest.raises(NotAllowed, match="sealed"):
        ask(version=frozen_pictures(northside, kind="sealed"), actor=None)


@pytest.mark.parametrize(
    ("values", "sentence", "field"),
    [
        ({"recipe": "alexnet"}, "There is no recipe called alexnet", "recipe"),
        ({"recipe": "../resnet18"}, "There is no recipe called", "recipe"),
        ({"settings": ["dropout"]}, "key=value", "settings"),
        ({"settings": ["seed=4"]}, "its own field", "settings"),
        ({"settings": ["depths=4"]}, "no setting called depths", "settings"),
        ({"settings": ["dropout=much"]}, "takes a float", "settings"),
        ({"settings": ["stages=many"]}, "epochs at size", "settings"),
        ({"settings": ['classes=["mel", "wart"]']}, "wart", "settings"),
        ({"settings": ['classes=["mel", "nv"]']}, "does not know the class akiec", "recipe"),
        ({"settings": ["batch_size=64"]}, "14 training images, fewer than a batch", "recipe"),
        ({"seed": -1}, "The seed is", "seed"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(
    ask: Callable[..., TrainingRun], values: dict[str, Any], sentence: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        ask(**values)
    assert refusal.value.field == field
    assert not TrainingRun.objects.exists()


def test_chosen_classes_are_trained_and_the_others_left_out(
    ask: Callable[..., TrainingRun],
) -> None:
    left_out = dict.fromkeys(("akiec", "bcc", "bkl", "df", "vasc"), "")
    labels = str(left_out).replace("'", '"')
    run = ask(settings=["batch_size=4", 'classes=["mel", "nv"]', f"label_map={labels}"])
    assert run.state == RunState.QUEUED


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"codes": ("mel", "nv")}, "no training images of akiec, bcc, bkl, df, vasc"),
        ({"parts": ("train", "validation")}, "test part needs"),
        ({"parts": ("train", "test")}, "validation part needs"),
    ],
)
def test_a_version_that_cannot_be_trained_on_says_what_is_missing(
    ask: Callable[..., TrainingRun],
    northside: Organisation,
    values: dict[str, Any],
    sentence: str,
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        ask(version=frozen_pictures(northside, **values))


def test_a_class_whose_only_patient_withdrew_consent_is_missing(
    ask: Callable[..., TrainingRun], version: DatasetVersion
) -> None:
    for row in version.rows.filter(label="df", split="train"):
        DatasetTombstone.objects.create(row=row, withdrawn_on="2026-01-02")
    with pytest.raises(InvalidInput, match="no training images of df"):
        ask()


def test_the_refusal_names_the_settings_with_which_the_rest_can_be_trained(
    ask: Callable[..., TrainingRun], northside: Organisation
) -> None:
    version = frozen_pictures(northside)
    for row in version.rows.filter(label__in=["df", "vasc"], split="train"):
        DatasetTombstone.objects.create(row=row, withdrawn_on="2026-01-02")
    with pytest.raises(InvalidInput) as refusal:
        ask(version=version)
    sentence = str(refusal.value)
    settings = re.findall(r"classes=\[.*?\]|label_map={.*?}", sentence)
    assert settings == [
        'classes=["akiec", "bcc", "bkl", "mel", "nv"]',
        'label_map={"df": "", "vasc": ""}',
    ]
    assert ask(version=version, settings=["batch_size=4", *settings]).state == RunState.QUEUED


def test_one_class_is_nothing_to_tell_apart(
    ask: Callable[..., TrainingRun], northside: Organisation
) -> None:
    with pytest.raises(InvalidInput, match=r"freeze a version that has\.$"):
        ask(version=frozen_pictures(northside, codes=("nv",)))


def test_a_start_of_another_architecture_is_refused(ask: Callable[..., TrainingRun]) -> None:
    densenet = ModelVersionFactory(architecture="densenet121", state="candidate")
    with pytest.raises(InvalidInput, match="is a densenet121 and the recipe resnet18 trains"):
        ask(start_from=densenet)
    with pytest.raises(InvalidInput, match="no weights to start from"):
        ask(recipe="xgboost_pixels", settings=[], start_from=densenet)


def test_a_waiting_run_is_cancelled_at_once(ask: Callable[..., TrainingRun], ada: User) -> None:
    run = cancel_training(run=ask(), actor=operator(ada))
    assert run.state == RunState.CANCELLED
    assert run.finished_at is not None
    assert claim_training(machine="gpu") is None


def test_only_an_operator_cancels(ask: Callable[..., TrainingRun], dana: User) -> None:
    with pytest.raises(NotAllowed):
        cancel_training(run=ask(), actor=dana)


def test_a_failed_run_is_tried_again_and_twice_is_once(
    ask: Callable[..., TrainingRun], ada: User
) -> None:
    run = ask()
    TrainingRun.objects.filter(pk=run.pk).update(
        state="failed", reason="Full disk.", finished_at=run.created_at
    )
    for _ in range(2):
        again = try_training_again(run=run, actor=operator(ada))
        assert (again.state, again.reason, again.finished_at) == (RunState.QUEUED, "", None)


def test_a_cancelled_run_stays_so(ask: Callable[..., TrainingRun], ada: User) -> None:
    run = cancel_training(run=ask(), actor=None)
    with pytest.raises(Conflict, match="start a new one"):
        try_training_again(run=run, actor=operator(ada))


def test_what_has_ended_cannot_be_cancelled(ada: User) -> None:
    run = a_training_run(state="failed", reason="No.", finished_at="2026-01-02T00:00Z")
    assert cancel_training(run=run, actor=None).state == RunState.FAILED
