"""What becomes of queued images: answers, reasons, tries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from clinic.models import LesionImage
from inference.models import ImageFeatures, ModelVersion, Prediction, PredictionState
from inference.services import queue_predictions
from inference.services.leases import claim_predictions
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.conftest import RuleClassifier, RuleModels, jpeg

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]
Run = Callable[..., Any]


def state_of(image: LesionImage) -> tuple[str, str]:
    prediction = Prediction.objects.get(image=image)
    return prediction.state, prediction.reason


def test_a_queued_image_is_answered_with_what_the_screen_shows(
    active_model: ModelVersion, picture: Picture, drain: Run
) -> None:
    image = picture(jpeg((204, 90, 90)))
    queue_predictions(images=[image])

    report = drain()

    prediction = Prediction.objects.get(image=image)
    assert (report.stored, report.is_finished) == (1, True)
    assert prediction.state == PredictionState.SUCCEEDED
    assert prediction.top_class == "mel"
    assert prediction.malignancy == pytest.approx(0.8, abs=0.02)
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert prediction.saliency.startswith(b"\x89PNG")
    assert (prediction.called, prediction.plausible) == ("mel", ["mel", "nv"])
    assert prediction.strangeness == 0.25
    assert prediction.features.vector == pytest.approx([0.6, 0.8, 0, 0])
    assert prediction.attempts == 1
    assert prediction.duration_ms is not None
    assert prediction.lease_expires_at is None
    assert prediction.finished_at is not None


def test_an_image_that_is_answered_again_has_its_new_features(
    active_model: ModelVersion, picture: Picture, drain: Run
) -> None:
    """Nothing answered is asked again by itself; a row put back by hand is written over."""
    image = picture()
    queue_predictions(images=[image])
    drain()
    ImageFeatures.objects.update(vector=[1.0])
    Prediction.objects.update(state="queued", attempts=0)

    drain()

    assert ImageFeatures.objects.get().vector == pytest.approx([0.6, 0.8, 0, 0])


@pytest.mark.parametrize(
    "features", [None, np.zeros(4, "f4"), np.full(4, np.nan, "f4"), np.ones(3072, "f4")]
)
def test_features_that_cannot_be_compared_are_not_kept_and_the_answer_is(
    active_model: ModelVersion,
    picture: Picture,
    drain: Run,
    rule: RuleClassifier,
    monkeypatch: pytest.MonkeyPatch,
    features: Any,
) -> None:
    answer = rule._answer
    monkeypatch.setattr(rule, "_answer", lambda image: replace(answer(image), features=features))
    image = picture()
    queue_predictions(images=[image])

    drain()

    assert state_of(image) == ("succeeded", "")
    assert not ImageFeatures.objects.exists()


def test_a_strangeness_that_is_no_number_is_not_stored(
    active_model: ModelVersion,
    picture: Picture,
    drain: Run,
    rule: RuleClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = rule._answer
    monkeypatch.setattr(
        rule, "_answer", lambda image: replace(answer(image), strangeness=float("nan"))
    )
    image = picture()
    queue_predictions(images=[image])

    drain()

    assert state_of(image)[0] == "queued"


def test_an_answer_whose_lease_was_taken_back_writes_no_features(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    rule.before = lambda images: Prediction.objects.update(claimed_by="another worker") and None
    queue_predictions(images=[picture()])

    assert drain().stored == 0
    assert not ImageFeatures.objects.exists()


def test_many_images_run_in_whole_batches(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    queue_predictions(images=[picture() for _ in range(40)])

    assert drain().stored == 40
    assert rule.batches == [16, 16, 8]


def test_a_damaged_image_fails_with_its_reason_and_the_others_are_answered(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    good, damaged = [picture() for _ in range(3)], picture(jpeg()[:200])
    missing = picture()
    missing.file.storage.delete(missing.file.name)
    queue_predictions(images=[damaged, missing, *good])

    drain()

    assert state_of(damaged)[0] == "failed"
    assert "cannot be decoded" in state_of(damaged)[1]
    assert state_of(missing) == ("failed", "The stored image file is missing.")
    assert {state_of(image) for image in good} == {("succeeded", "")}
    assert rule.batches == [3]


def test_an_image_that_breaks_the_model_fails_alone_after_three_tries(
    active_model: ModelVersion, picture: Picture, drain: Run
) -> None:
    black, good = picture(jpeg((0, 0, 0))), [picture() for _ in range(3)]
    queue_predictions(images=[black, *good])

    drain()
    assert {state_of(image)[0] for image in good} == {"succeeded"}
    for tries in (1, 2, 3):
        prediction = Prediction.objects.get(image=black)
        assert prediction.attempts == tries
        assert prediction.state == ("failed" if tries == 3 else "queued")
        Prediction.objects.update(not_before=None)
        drain()
    assert "could not answer this image" in state_of(black)[1]


def test_storage_that_is_down_is_tried_again_later_and_not_at_once(
    active_model: ModelVersion, picture: Picture, drain: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture()
    queue_predictions(images=[image])

    def unreachable(*_: Any, **__: Any) -> None:
        raise ConnectionError("no route to host")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_open", unreachable)
        drain()
        drain()

    prediction = Prediction.objects.get(image=image)
    assert (prediction.state, prediction.attempts) == ("queued", 1)
    assert prediction.reason == "The image storage could not be reached."
    assert prediction.not_before > timezone.now() + timedelta(seconds=50)
    Prediction.objects.update(not_before=timezone.now())
    drain()
    assert state_of(image) == ("succeeded", "")


def test_a_model_package_that_is_damaged_fails_its_rows_with_that_reason(
    picture: Picture, drain: Run, tmp_path: Path, settings: Any
) -> None:
    from django.core.files.base import ContentFile

    from inference.worker.loaded_models import LoadedModels

    settings.INFERENCE_CACHE_DIR = tmp_path
    ModelVersionFactory(
        name="broken", version="2.0.0", state="active",
        package=ContentFile(b"not a zip", name="package.zip"),
    )  # fmt: skip
    image = picture()
    queue_predictions(images=[image])

    drain(models=LoadedModels())

    state, reason = state_of(image)
    assert state == "failed"
    assert reason.startswith("The model package of broken 2.0.0 is damaged.")


def test_a_model_that_runs_out_of_memory_says_so(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    def exhaust(images: Any) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")

    rule.before = exhaust
    image = picture()
    queue_predictions(images=[image])
    Prediction.objects.update(attempts=2)

    drain()

    assert state_of(image) == (
        "failed",
        "The worker ran out of memory while it answered this image.",
    )


def test_an_answer_that_is_no_number_is_not_stored(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    rule._answer = lambda image: type(  # type: ignore[method-assign]
        "Answer", (), {"probabilities": {"mel": float("nan")}, "malignancy": 0.1}
    )()
    image = picture()
    queue_predictions(images=[image])

    drain()

    assert state_of(image)[0] == "queued"


def test_a_worker_that_is_asked_to_stop_finishes_its_batch_and_puts_the_next_one_back(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    queue_predictions(images=[picture() for _ in range(36)])

    report = drain(must_stop=lambda: bool(rule.batches))

    assert (report.stored, report.is_finished) == (16, False)
    left = Prediction.objects.filter(state="queued", attempts=0, claimed_by="")
    assert left.count() == 20


def test_a_process_that_is_told_to_exit_puts_its_rows_back_untried(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    def exit_now(images: Any) -> None:
        raise SystemExit

    rule.before = exit_now
    queue_predictions(images=[picture() for _ in range(20)])

    with pytest.raises(SystemExit):
        drain()

    assert Prediction.objects.filter(state="queued", attempts=0).count() == 20


def test_a_batch_over_the_time_limit_is_tried_later_and_the_next_one_is_put_back(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    def take_too_long(images: Any) -> None:
        raise SoftTimeLimitExceeded

    rule.before = take_too_long
    queue_predictions(images=[picture() for _ in range(20)])

    with pytest.raises(SoftTimeLimitExceeded):
        drain()

    later = Prediction.objects.filter(state="queued", attempts=1, not_before__isnull=False)
    assert later.count() == 16
    assert Prediction.objects.filter(state="queued", attempts=0).count() == 4


def test_a_row_that_was_tried_before_runs_alone(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    images = [picture() for _ in range(5)]
    queue_predictions(images=images)
    Prediction.objects.filter(image=images[2]).update(attempts=1)

    drain()

    assert sorted(rule.batches) == [1, 4]
    assert Prediction.objects.filter(state="succeeded").count() == 5


def test_a_clinicians_photograph_overtakes_a_data_set_and_a_shadow_comes_last(
    active_model: ModelVersion, picture: Picture
) -> None:
    shadow = ModelVersionFactory(state="shadow")
    imported = picture(source_reference="ISIC_0000001")
    queue_predictions(images=[imported])
    photograph = picture()
    queue_predictions(images=[photograph])

    order = []
    while claim := claim_predictions(worker="w", limit=1):
        order.append((claim.rows[0].image_id, claim.model_version_id))

    assert order[:2] == [(photograph.pk, active_model.pk), (imported.pk, active_model.pk)]
    assert {version for _, version in order[2:]} == {shadow.pk}


def test_each_batch_is_of_one_model(
    active_model: ModelVersion, picture: Picture, drain: Run, rule: RuleClassifier
) -> None:
    ModelVersionFactory(state="shadow")
    queue_predictions(images=[picture() for _ in range(5)])

    assert drain().stored == 10
    assert rule.batches == [5, 5]


def test_the_case_gets_the_highest_malignancy_of_the_active_models_answers(
    active_model: ModelVersion, picture: Picture, drain: Run, case: Any
) -> None:
    shadow = ModelVersionFactory(state="shadow")
    queue_predictions(images=[picture(jpeg((51, 0, 0))), picture(jpeg((153, 0, 0)))])
    red = picture(jpeg((255, 0, 0)))
    PredictionFactory(image=red, model_version=shadow, answered=True, malignancy=0.99)

    drain()

    case.refresh_from_db()
    assert case.malignancy == pytest.approx(0.6, abs=0.02)


def test_nothing_is_written_for_a_model_in_memory_that_cannot_be_loaded_for_a_while(
    active_model: ModelVersion, picture: Picture, drain: Run
) -> None:
    class Unreachable(RuleModels):
        def classifier(self, version: ModelVersion) -> Any:
            raise ConnectionError("storage")

    image = picture()
    queue_predictions(images=[image])

    drain(models=Unreachable(RuleClassifier()))

    state, reason = state_of(image)
    assert state == "queued"
    assert "could not be loaded" in reason
