"""A candidate beside the model in service, from the question to the verdict."""

from typing import Any

import pytest

from accounts.errors import Conflict, NotAllowed
from accounts.models import Organisation, User
from clinic.models import DatasetTombstone, SealedTestSet, SealedTestSetUse, VersionKind
from inference.models import Comparison, ModelVersion, Precedence, Prediction, TrainingRun
from inference.services import retire_model
from inference.services.comparisons import compare_models
from inference.tasks import promotion_task
from inference.worker.comparing import MOST_ATTEMPTS, finish_comparisons
from tests.dataset_factories import a_version
from tests.factories import LesionImageFactory, ModelVersionFactory, PredictionFactory
from tests.inference.promotion.sealed_cases import CODES, answer_all, closed_image, says, seal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_are_enough")]


def fresh(comparison: Comparison) -> Comparison:
    return Comparison.objects.get(pk=comparison.pk)


def test_both_models_are_put_before_every_sealed_image_after_all_that_people_wait_for(
    northside: Organisation, southside: Organisation, champion: ModelVersion,
    candidate: ModelVersion, operator: User,
) -> None:  # fmt: skip
    north, south = seal(northside), seal(southside)
    answered = says(north.version.rows.first().source, champion, "nv")

    comparison = compare_models(candidate=candidate, actor=operator)

    assert candidate.predictions.count() == champion.predictions.count() == 14
    waiting = Prediction.objects.exclude(pk=answered.pk)
    assert set(waiting.values_list("state", "precedence")) == {("queued", Precedence.SHADOW)}
    assert [(entry["organisation"], entry["images"]) for entry in comparison.test_sets] == [
        (str(northside), 7), (str(southside), 7),
    ]  # fmt: skip
    assert comparison.test_sets[1]["digest"] == south.version.digest
    uses = SealedTestSetUse.objects.values_list("used_by", "purpose", "images")
    purpose = "Comparison of resnet18 2.0.0 with resnet18 1.0.0"
    assert list(uses) == [(operator.pk, purpose, 7)] * 2
    assert compare_models(candidate=candidate, actor=operator) == comparison, "twice is once"
    assert SealedTestSetUse.objects.count() == 2


def test_it_waits_for_the_last_answer_and_then_judges(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    test_set = seal(northside, CODES * 2)
    answer_all(test_set, champion)
    comparison = compare_models(candidate=candidate, actor=operator)
    answer_all(test_set, candidate)
    last = candidate.predictions.order_by("pk").last()
    Prediction.objects.filter(pk=last.pk).update(state="queued")
    promotion_task()
    assert fresh(comparison).state == "answering"

    Prediction.objects.filter(pk=last.pk).update(state="succeeded")
    promotion_task()

    done = fresh(comparison)
    assert (done.state, done.is_not_worse, done.note) == ("finished", True, "")
    assert done.finished_at is not None
    assert (done.report["images"], done.report["patients"], done.report["malignant"]) == (14, 14, 6)
    assert done.report["differing"]["total"] == 0
    figures = {figure["key"]: figure for figure in done.report["measures"]}
    assert figures["sensitivity"]["margin"] == 0.03
    assert figures["specificity"]["margin"] is None
    assert "not known here" in done.report["cautions"][0]


def test_a_worse_candidate_is_judged_so_with_its_rows(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    test_set = seal(northside, CODES * 4)
    answer_all(test_set, champion)
    comparison = compare_models(candidate=candidate, actor=operator)
    answer_all(test_set, candidate, wrong={1, 2, 5, 8})
    finish_comparisons()
    done = fresh(comparison)
    assert done.is_not_worse is False
    assert "Sensitivity for malignancy may be" in done.note
    missed = [row for row in done.report["differing"]["rows"] if row["consequence"] == "missed"]
    numbers = test_set.version.rows.filter(pk__in=[row["row"] for row in missed])
    assert set(numbers.values_list("number", flat=True)) == {1, 2, 5, 8}


def test_too_few_sealed_images_decide_nothing(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion,
    operator: User, settings: Any,
) -> None:  # fmt: skip
    settings.COMPARISON_FEWEST_IMAGES = 200
    test_set = seal(northside)
    comparison = compare_models(candidate=candidate, actor=operator)
    settings.COMPARISON_FEWEST_IMAGES = 1
    for model in (champion, candidate):
        answer_all(test_set, model)
    finish_comparisons()
    done = fresh(comparison)
    assert done.is_not_worse is False
    assert "7 sealed images are too few; 200 are needed." in done.note, "the rules when it began"


def test_what_failed_for_good_is_no_answer_and_what_failed_before_is_tried_again(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    test_set = seal(northside)
    answer_all(test_set, champion)
    image = test_set.version.rows.get(number=5).source
    PredictionFactory(image=image, model_version=candidate, failed=True)
    comparison = compare_models(candidate=candidate, actor=operator)
    again = candidate.predictions.get(image=image)
    assert (again.state, again.attempts, again.reason) == ("queued", 0, "")
    answer_all(test_set, candidate)
    candidate.predictions.filter(image=image).update(state="failed", reason="Damaged.")
    finish_comparisons()
    done = fresh(comparison)
    assert done.report["unanswered"] == {"candidate": 1, "champion": 0}
    assert done.report["differing"]["rows"][0]["candidate"] is None
    figures = {figure["key"]: figure for figure in done.report["measures"]}
    assert figures["sensitivity"]["candidate"] == 0.6667


def test_withdrawn_images_are_not_scored(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    test_set = seal(northside, CODES * 2)
    gone = test_set.version.rows.get(number=1)
    DatasetTombstone.objects.create(row=gone, withdrawn_on="2026-05-03")
    comparison = compare_models(candidate=candidate, actor=operator)
    assert not gone.source.predictions.exists()
    for model in (champion, candidate):
        answer_all(test_set, model)
    late = test_set.version.rows.get(number=2)
    DatasetTombstone.objects.create(row=late, withdrawn_on="2026-05-04")
    finish_comparisons()
    assert fresh(comparison).report["images"] == 12


@pytest.mark.parametrize("how", ["run", "parent", "package"])
def test_a_model_that_learned_from_a_sealed_patient_is_refused(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion,
    operator: User, how: str,
) -> None:  # fmt: skip
    """It must be impossible; it is looked at all the same, along the whole line of descent."""
    test_set = seal(northside)
    sealed = test_set.version.rows.first().source
    other = LesionImageFactory(case=sealed.case)
    trained_on = a_version(closed_image(northside), other)
    if how == "package":
        candidate.training = {"lineage": {"data_set_digest": trained_on.digest, "parent": None}}
        candidate.save()
    else:
        learner = candidate if how == "run" else ModelVersionFactory(state="retired")
        finished = {"state": "succeeded", "finished_at": candidate.created_at, "recipe": "r"}
        TrainingRun.objects.create(dataset_version=trained_on, candidate=learner, **finished)
        if how == "parent":
            TrainingRun.objects.create(
                dataset_version=a_version(closed_image(northside)), candidate=candidate,
                start_from=learner, **finished,
            )  # fmt: skip
    with pytest.raises(Conflict, match="learned from patients of 1 sealed image") as refusal:
        compare_models(candidate=candidate, actor=operator)
    assert refusal.value.code == "learned_from_sealed"
    assert not Comparison.objects.exists()
    assert not SealedTestSetUse.objects.exists(), "nothing was scored, so nothing was touched"


def test_a_known_and_clean_line_of_descent_needs_no_caution(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    test_set = seal(northside, CODES * 10)
    for model in (champion, candidate):
        TrainingRun.objects.create(
            dataset_version=a_version(closed_image(northside)), candidate=model, recipe="r",
            state="succeeded", finished_at=model.created_at,
        )  # fmt: skip
        answer_all(test_set, model)
    comparison = compare_models(candidate=candidate, actor=operator)
    finish_comparisons()
    assert fresh(comparison).report["cautions"] == []


def test_a_model_retired_on_the_way_ends_it_with_a_reason(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    seal(northside)
    comparison = compare_models(candidate=candidate, actor=operator)
    retire_model(version=candidate, actor=operator)
    finish_comparisons()
    done = fresh(comparison)
    assert (done.state, done.is_not_worse) == ("failed", None)
    assert done.note.startswith("resnet18 2.0.0 was retired before it had answered")


def test_what_was_dropped_from_the_queue_is_asked_for_again(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    seal(northside)
    comparison = compare_models(candidate=candidate, actor=operator)
    candidate.predictions.all()[:1].get().delete()
    finish_comparisons()
    assert fresh(comparison).state == "answering"
    assert candidate.predictions.count() == 7


def test_a_comparison_that_cannot_be_computed_says_so_and_leaves_the_others_alone(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion,
    operator: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    test_set = seal(northside)
    comparison = compare_models(candidate=candidate, actor=operator)
    for model in (champion, candidate):
        answer_all(test_set, model)

    def out_of_memory(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("inference.worker.comparing.compare", out_of_memory)
    assert finish_comparisons() == 1
    done = fresh(comparison)
    assert done.state == "failed"
    assert done.note.startswith("It stopped with MemoryError")
    monkeypatch.undo()
    assert compare_models(candidate=candidate, actor=operator) != comparison, "and can be repeated"


def test_a_comparison_that_kills_its_worker_each_time_is_given_up_with_a_sentence(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion,
    operator: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    test_set = seal(northside)
    comparison = compare_models(candidate=candidate, actor=operator)
    finish_comparisons()
    assert fresh(comparison).attempts == 0, "waiting for answers is no attempt"
    for model in (champion, candidate):
        answer_all(test_set, model)

    class Killed(BaseException):
        """What no handler catches, as SIGKILL."""

    def kill(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr("inference.worker.comparing.compare", kill)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(Killed):
            finish_comparisons()
        assert (fresh(comparison).state, fresh(comparison).attempts) == ("answering", attempt)
    assert finish_comparisons() == 1
    done = fresh(comparison)
    assert (done.state, done.is_not_worse) == ("failed", None)
    assert done.note.startswith("The worker stopped 5 times while it judged this comparison")


def test_who_may_and_what_it_takes(
    northside: Organisation, candidate: ModelVersion, operator: User, alice: User
) -> None:
    with pytest.raises(NotAllowed):
        compare_models(candidate=candidate, actor=alice)
    with pytest.raises(Conflict, match="No model is in service to compare with"):
        compare_models(candidate=candidate, actor=operator)
    champion = ModelVersionFactory(version="1.0.0")
    with pytest.raises(Conflict, match="is the model in service itself"):
        compare_models(candidate=champion, actor=operator)
    with pytest.raises(Conflict, match="No organisation has a sealed test set yet"):
        compare_models(candidate=candidate, actor=operator)
    raw = ModelVersionFactory(state="candidate", prepared_at=None)
    with pytest.raises(Conflict, match="still being prepared"):
        compare_models(candidate=raw, actor=operator)


def test_by_a_worker_the_sealed_images_are_answered_unseen_and_then_judged(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion,
    operator: User, drain: Any, picture: Any,
) -> None:  # fmt: skip
    """The same drain that answers people; the rule of these tests calls everything melanoma."""
    images = [picture(case=closed_image(northside).case) for _ in CODES]
    version = a_version(*images, rows=[{"label": code} for code in CODES], kind=VersionKind.SEALED)
    SealedTestSet.objects.create(
        organisation=northside, version=version, share=0.2, sealed_by=operator
    )
    comparison = compare_models(candidate=candidate, actor=operator)
    assert drain().is_finished
    finish_comparisons()
    report = fresh(comparison).report
    assert report["unanswered"] == {"candidate": 0, "champion": 0}
    recalls = {entry["label"]: entry["candidate"] for entry in report["recalls"]}
    assert recalls == {code: float(code == "mel") for code in CODES}
