"""Old images before a new model: in the background, in small portions, unseen, and stoppable."""

from typing import Any

import pytest

from accounts.errors import Conflict, NotAllowed
from accounts.models import Organisation, User
from inference.models import ModelVersion, Precedence, Prediction, Rescoring
from inference.selectors import visible_predictions
from inference.services import activate_model, queue_predictions, retire_model, shadow_model
from inference.services.rescoring import cancel_rescoring, continue_rescorings, rescore
from inference.tasks import promotion_task
from tests.factories import CaseFactory, LesionImageFactory, ModelVersionFactory, PatientFactory
from tests.inference.promotion.sealed_cases import closed_image, says

pytestmark = pytest.mark.django_db


def fresh(job: Rescoring) -> Rescoring:
    return Rescoring.objects.get(pk=job.pk)


def answer_what_waits(model: ModelVersion) -> None:
    for prediction in model.predictions.filter(state="queued").select_related("image"):
        says(prediction.image, model, "nv")


def test_every_old_image_is_asked_once_in_portions_and_the_job_ends(
    northside: Organisation, candidate: ModelVersion, operator: User, settings: Any
) -> None:
    settings.RESCORING_WAITING = 3
    images = [closed_image(northside) for _ in range(8)]
    known = says(images[0], candidate, "mel")
    LesionImageFactory(case=CaseFactory(patient=PatientFactory(organisation=northside)))  # a draft

    job = rescore(version=candidate, actor=operator)

    assert job.total == 7
    assert rescore(version=candidate, actor=operator) == job, "twice is once"
    assert continue_rescorings() == 3
    assert continue_rescorings() == 0, "there is no room"
    waiting = candidate.predictions.filter(state="queued")
    assert set(waiting.values_list("precedence", flat=True)) == {Precedence.SHADOW}
    for queued in (3, 1):
        answer_what_waits(candidate)
        assert continue_rescorings() == queued
    assert fresh(job).state == "answering"
    answer_what_waits(candidate)
    promotion_task()
    done = fresh(job)
    assert (done.state, done.queued) == ("finished", 7)
    assert done.finished_at is not None
    assert candidate.predictions.count() == 8
    known.refresh_from_db()
    assert known.called == "mel", "what it had answered it is not asked again"


def test_it_goes_on_where_it_stopped(
    northside: Organisation, candidate: ModelVersion, operator: User, settings: Any
) -> None:
    settings.RESCORING_WAITING = 2
    for _ in range(4):
        closed_image(northside)
    job = rescore(version=candidate, actor=operator)
    continue_rescorings()
    first = set(candidate.predictions.values_list("image", flat=True))
    assert fresh(job).last_image == max(first, key=lambda key: key.int)
    settings.RESCORING_WAITING = 100
    continue_rescorings()
    assert candidate.predictions.count() == 4
    assert fresh(job).queued == 4


def test_cancelling_drops_its_own_rows_and_keeps_the_answers(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    shadow_model(version=candidate, actor=operator)
    earlier = closed_image(northside)
    queue_predictions(images=[earlier])
    images = [closed_image(northside) for _ in range(4)]
    job = rescore(version=candidate, actor=operator)
    continue_rescorings()
    answered = says(images[0], candidate, "nv")
    new = closed_image(northside)
    queue_predictions(images=[new])
    cancel_rescoring(rescoring=job, actor=operator)
    assert fresh(job).state == "cancelled"
    left = set(candidate.predictions.values_list("image", flat=True))
    assert left == {earlier.pk, new.pk, answered.image_id}
    assert cancel_rescoring(rescoring=job, actor=operator).state == "cancelled"
    assert continue_rescorings() == 0
    assert rescore(version=candidate, actor=operator) != job, "and it can begin again"


def test_retiring_the_model_ends_it(
    northside: Organisation, candidate: ModelVersion, operator: User
) -> None:
    closed_image(northside)
    job = rescore(version=candidate, actor=operator)
    continue_rescorings()
    retire_model(version=candidate, actor=operator)
    assert fresh(job).state == "cancelled"
    assert not candidate.predictions.exists()
    with pytest.raises(Conflict, match="is retired and answers no images"):
        rescore(version=candidate, actor=operator)


def test_old_images_do_not_overtake_open_cases_when_the_model_goes_into_service(
    northside: Organisation, candidate: ModelVersion, operator: User
) -> None:
    closed = closed_image(northside)
    case = CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    awaited = LesionImageFactory(case=case)
    rescore(version=candidate, actor=operator)
    continue_rescorings()
    activate_model(version=candidate, actor=operator)
    precedences = dict(candidate.predictions.values_list("image", "precedence"))
    assert precedences == {closed.pk: Precedence.SHADOW, awaited.pk: Precedence.IMPORTED}


@pytest.mark.parametrize("state", ["candidate", "shadow"])
def test_a_models_trial_answers_are_nobodys_to_see_not_even_when_it_is_retired(
    northside: Organisation, operator: User, alice: User, state: str
) -> None:
    trial = ModelVersionFactory(version="2.0.0", state=state)
    says(closed_image(northside), trial, "mel")
    for person in (alice, operator):
        assert not visible_predictions(person).exists()
    retire_model(version=trial, actor=operator)
    assert not visible_predictions(alice).exists()


def test_only_operators(candidate: ModelVersion, alice: User, operator: User) -> None:
    with pytest.raises(NotAllowed):
        rescore(version=candidate, actor=alice)
    job = rescore(version=candidate, actor=operator)
    with pytest.raises(NotAllowed):
        cancel_rescoring(rescoring=job, actor=alice)
    assert not Prediction.objects.exists()
