"""A model's way into service and out of it."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import User
from clinic.models import Case, CaseState, LesionImage
from inference.models import ModelVersion, Prediction
from inference.services import (
    activate_model,
    install_package,
    queue_predictions,
    requeue_predictions,
    retire_model,
    roll_back_model,
    shadow_model,
)
from inference.tasks import sweep_task
from tests.factories import CaseFactory, ModelVersionFactory, PatientFactory, PredictionFactory

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]
# These tests are about what activating does; tests/inference/promotion has the gate before it.
REASON = "A test of what happens once it is activated."


@pytest.fixture
def operator(ada: User) -> User:
    ada.groups.add(Group.objects.get(name="Model operators"))
    return User.objects.get(pk=ada.pk)


def state(version: ModelVersion) -> str:
    version.refresh_from_db()
    return version.state


# --- installing -------------------------------------------------------------------------------


def test_a_package_becomes_a_candidate_that_knows_what_the_package_says(
    package_zip: Path, operator: User
) -> None:
    with package_zip.open("rb") as file:
        version = install_package(file=file, actor=operator)

    assert str(version) == "untrained 1.0.0"
    assert (version.state, version.prepared_at) == ("candidate", None)
    assert [entry["code"] for entry in version.classes][4] == "mel"
    assert version.preprocessing["size"] == 64
    assert version.metrics["balanced_accuracy"] == 0.14
    assert version.card.startswith("# Untrained")
    assert version.package.storage.exists(version.package.name)
    with pytest.raises(Conflict, match="installed already"):
        install_package(file=package_zip, actor=operator)


def test_other_content_under_the_same_version_is_refused_and_not_stored(
    package_zip: Path, tmp_path: Path
) -> None:
    ModelVersionFactory(name="untrained", version="1.0.0", state="candidate")
    with pytest.raises(InvalidInput, match="a version of its own"):
        install_package(file=package_zip, actor=None)
    assert ModelVersion.objects.count() == 1


def test_what_is_no_package_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="zip"):
        install_package(file=BytesIO(b"no zip"), actor=None)
    large = BytesIO(b"")
    large.size = 400 * 1024 * 1024  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="320 MB"):
        install_package(file=large, actor=None)


def test_only_model_operators_install_and_change_models(
    package_zip: Path, ada: User, alice: User
) -> None:
    version = ModelVersionFactory(state="candidate")
    for person in (ada, alice):
        with pytest.raises(NotAllowed):
            install_package(file=package_zip, actor=person)
        for act in (activate_model, shadow_model, retire_model, roll_back_model):
            with pytest.raises(NotAllowed):
                act(version=version, actor=person)
    assert state(version) == "candidate"


# --- states -----------------------------------------------------------------------------------


def test_activating_retires_the_one_before_and_queues_what_open_cases_wait_for(
    picture: Picture, northside: Any
) -> None:
    before = ModelVersionFactory(version="1.0.0")
    answered, unanswered = picture(), picture()
    PredictionFactory(image=answered, model_version=before, answered=True)
    PredictionFactory(image=unanswered, model_version=before)
    closed = CaseFactory(
        patient=PatientFactory(organisation=northside), submitted=True,
        state=CaseState.CANCELLED, cancelled_reason="Withdrawn.",
    )  # fmt: skip
    picture(case=closed)
    after = ModelVersionFactory(version="2.0.0", state="candidate")

    activate_model(version=after, actor=None, override_reason=REASON)

    assert (state(before), state(after)) == ("retired", "active")
    assert set(after.predictions.values_list("image", flat=True)) == {answered.pk, unanswered.pk}
    assert before.predictions.get().image == answered, "what it had not begun is dropped"
    activate_model(version=after, actor=None)
    assert after.predictions.count() == 2, "twice is the same as once"


def test_a_model_that_is_not_prepared_cannot_go_into_service() -> None:
    waiting = ModelVersionFactory(state="candidate", prepared_at=None)
    with pytest.raises(Conflict, match="still being prepared"):
        activate_model(version=waiting, actor=None)
    broken = ModelVersionFactory(
        state="candidate", prepared_at=None, preparation_error="The weights do not fit."
    )
    with pytest.raises(Conflict, match="The weights do not fit"):
        shadow_model(version=broken, actor=None)


def test_an_active_model_does_not_become_a_shadow() -> None:
    version = ModelVersionFactory()
    with pytest.raises(Conflict, match="Activate another model"):
        shadow_model(version=version, actor=None)


def test_a_shadow_answers_new_images_unseen(picture: Picture, case: Case) -> None:
    active = ModelVersionFactory()
    shadow = shadow_model(version=ModelVersionFactory(state="candidate"), actor=None)
    queue_predictions(images=[picture()])
    assert set(Prediction.objects.values_list("model_version", flat=True)) == {
        active.pk, shadow.pk,
    }  # fmt: skip


def test_rolling_back_goes_to_the_model_that_was_in_service_before(picture: Picture) -> None:
    now = timezone.now()
    first = ModelVersionFactory(
        version="1.0.0", state="retired", activated_at=now - timedelta(days=9)
    )
    second = ModelVersionFactory(
        version="2.0.0", state="retired", activated_at=now - timedelta(days=5)
    )
    third = ModelVersionFactory(version="3.0.0", activated_at=now - timedelta(days=1))
    ModelVersionFactory(version="4.0.0", state="candidate")

    assert roll_back_model(version=third, actor=None) == second
    assert (state(first), state(second), state(third)) == ("retired", "active", "retired")


def test_there_is_nothing_to_roll_back_to_before_the_first() -> None:
    only = ModelVersionFactory(activated_at=timezone.now())
    with pytest.raises(Conflict, match="No model was in service before"):
        roll_back_model(version=only, actor=None)
    assert state(only) == "active"


def test_the_case_follows_the_model_in_service(picture: Picture, case: Case) -> None:
    image = picture()
    before, after = ModelVersionFactory(), ModelVersionFactory(state="shadow")
    PredictionFactory(image=image, model_version=before, answered=True, malignancy=0.9)
    PredictionFactory(image=image, model_version=after, answered=True, malignancy=0.2)
    sweep_task()
    case.refresh_from_db()
    assert case.malignancy == 0.9

    activate_model(version=after, actor=None, override_reason=REASON)
    sweep_task()

    case.refresh_from_db()
    assert case.malignancy == 0.2


# --- asking again -------------------------------------------------------------------------------


def test_only_people_of_the_organisation_ask_again(
    picture: Picture, active_model: ModelVersion, bob: User, alice: User
) -> None:
    prediction = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    with pytest.raises(NotAllowed):
        requeue_predictions(predictions=[prediction], actor=bob)
    assert requeue_predictions(predictions=[prediction], actor=alice) == 1
    assert requeue_predictions(predictions=[prediction], actor=alice) == 0
