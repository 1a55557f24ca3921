"""After a change of the model, confirmed lesions are looked at again, to compare others with."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation
from clinic.models import Case, CaseState, LesionImage, PathologyResult
from inference.models import ImageFeatures, ModelVersion, Precedence, Prediction
from inference.services.confirmed import queue_confirmed_images
from tests.clinic.reading_cases import waiting_case
from tests.factories import ModelVersionFactory, PredictionFactory, diagnosis

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db: None) -> ModelVersion:
    return ModelVersionFactory(state="active")


def image(
    organisation: Organisation, state: str = CaseState.SUBMITTED, *, is_confirmed: bool = True
) -> LesionImage:
    found = waiting_case(organisation, answer="none").images.get()
    Case.objects.filter(pk=found.case_id).update(state=state, cancelled_reason="Registered twice.")
    if is_confirmed:
        PathologyResult.objects.create(
            lesion=found.lesion, diagnosis=diagnosis("melanoma"), method="histo"
        )
    return found


def closed(found: LesionImage) -> LesionImage:
    """A state that no constraint asks a signature for, and that is not open."""
    Case.objects.filter(pk=found.case_id).update(
        state=CaseState.FINAL, finalised_at=found.created_at
    )
    return found


def test_confirmed_images_that_the_model_never_saw_are_queued_behind_what_people_wait_for(
    version: ModelVersion, northside: Organisation
) -> None:
    seen = closed(image(northside))
    image(northside, is_confirmed=False)
    image(northside, CaseState.CANCELLED)
    assert queue_confirmed_images(version=version) == 1
    row = Prediction.objects.get()
    assert (row.image_id, row.state, row.precedence) == (seen.pk, "queued", Precedence.IMPORTED)
    assert queue_confirmed_images(version=version) == 0, "once is enough"


def test_an_answer_from_before_features_were_kept_is_asked_for_again_in_closed_cases_only(
    version: ModelVersion, northside: Organisation
) -> None:
    old = PredictionFactory(image=closed(image(northside)), model_version=version, answered=True)
    kept = PredictionFactory(image=closed(image(northside)), model_version=version, answered=True)
    ImageFeatures.objects.create(prediction=kept, vector=[1.0])
    waited_for = PredictionFactory(image=image(northside), model_version=version, answered=True)
    assert queue_confirmed_images(version=version) == 1
    states = dict(Prediction.objects.values_list("pk", "state"))
    assert states == {old.pk: "queued", kept.pk: "succeeded", waited_for.pk: "succeeded"}


def test_the_command_says_how_many(version: ModelVersion, northside: Organisation) -> None:
    closed(image(northside))
    said = StringIO()
    call_command("answer_confirmed", stdout=said)
    assert said.getvalue() == f"{version}: 1 image queued.\n"


def test_without_a_model_in_service_the_command_says_so(northside: Organisation) -> None:
    with pytest.raises(CommandError, match="No model is in service"):
        call_command("answer_confirmed")
