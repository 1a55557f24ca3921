"""What a worker keeps of an image and its features beside the answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from clinic.models import LesionImage
from inference.engine.image_statistics import image_statistics
from inference.engine.projection import Projection, fixed_directions
from inference.models import (
    FeatureProjection,
    ImageStatistics,
    ModelVersion,
    Prediction,
    PredictionState,
)
from inference.services.leases import claim_predictions
from inference.services.outcomes import Outcome, record_outcomes
from inference.services.queue import queue_predictions
from inference.worker import answering
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.conftest import jpeg


def filled(colour: tuple[int, int, int], side: int = 224) -> np.ndarray:
    return np.full((side, side, 3), colour, dtype=np.uint8)


def test_a_plain_picture_has_the_numbers_one_expects() -> None:
    grey = image_statistics(filled((128, 128, 128)))
    assert grey.brightness == pytest.approx(0.502, abs=0.001)
    assert (grey.contrast, grey.hue, grey.saturation, grey.dark_border) == pytest.approx(
        (0, 0, 0, 0), abs=1e-3
    )
    assert image_statistics(filled((255, 0, 0))).hue == pytest.approx(0, abs=0.1)
    assert image_statistics(filled((255, 255, 0))).hue == pytest.approx(60, abs=0.1)
    assert image_statistics(filled((255, 0, 255))).hue == pytest.approx(-60, abs=0.1)
    assert image_statistics(filled((0, 0, 0))).dark_border == 1


def test_a_blurred_picture_is_less_sharp_at_any_size() -> None:
    dice = np.random.default_rng(7)
    for side in (96, 160, 224, 300):
        noise = dice.integers(0, 255, (24, 24, 3), dtype=np.uint8)
        coarse = np.kron(noise, np.ones((side // 24 + 1, side // 24 + 1, 1), dtype=np.uint8))
        sharp = coarse[:side, :side]
        moved = [np.roll(sharp, side // 12, axis).astype(int) for axis in (0, 1)]
        blurred = ((sharp + moved[0] + moved[1]) // 3).astype(np.uint8)
        assert image_statistics(sharp).sharpness > image_statistics(blurred).sharpness


def test_the_rim_of_a_dermatoscope_is_seen() -> None:
    picture = filled((200, 150, 140))
    picture[:20] = picture[-20:] = 0
    assert 0.4 < image_statistics(picture).dark_border < 0.7


def test_fixed_directions_are_the_same_on_every_machine() -> None:
    directions = fixed_directions(512)
    assert directions.shape == (4, 512)
    assert np.allclose(np.linalg.norm(directions, axis=1), 1)
    assert np.sign(directions[0, :8]).tolist() == np.sign(fixed_directions(512)[0, :8]).tolist()
    assert np.abs(directions @ directions.T - np.eye(4)).max() < 0.2


def test_no_features_and_features_of_nothing_have_no_projection() -> None:
    assert Projection(None).of(None) == ()
    assert Projection(None).of(np.zeros(512, dtype=np.float32)) == ()
    assert len(Projection(None).of(np.ones(512, dtype=np.float32))) == 4


@pytest.mark.django_db
def test_an_answered_image_is_measured_once(
    drain: Callable[..., Any], picture: Callable[..., LesionImage], active_model: ModelVersion
) -> None:
    image = picture(jpeg((180, 140, 120)))
    PredictionFactory(image=image, model_version=active_model)
    PredictionFactory(image=image, model_version=ModelVersionFactory(state="shadow"), precedence=2)
    drain()
    assert set(Prediction.objects.values_list("state", flat=True)) == {"succeeded"}
    measured = ImageStatistics.objects.get(image=image)
    assert measured.brightness == pytest.approx(0.59, abs=0.02)


@pytest.mark.django_db
def test_an_image_that_cannot_be_measured_is_answered_all_the_same(
    drain: Callable[..., Any],
    picture: Callable[..., LesionImage],
    active_model: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(answering, "image_statistics", broken)
    answer = PredictionFactory(image=picture(), model_version=active_model)
    drain()
    answer.refresh_from_db()
    assert answer.state == "succeeded"
    assert not ImageStatistics.objects.exists()


@pytest.mark.django_db
def test_a_projection_is_written_with_the_answer(
    picture: Callable[..., LesionImage], active_model: ModelVersion
) -> None:
    image = picture()
    queue_predictions(images=[image])
    claim = claim_predictions(worker="w", limit=8)
    assert claim is not None
    outcome = Outcome(
        claim.rows[0].pk, PredictionState.SUCCEEDED, probabilities={"mel": 1.0}, malignancy=1.0,
        projection=[0.25, -0.5, 0.0, 0.125],
    )  # fmt: skip
    record_outcomes(token=claim.token, outcomes=[outcome])
    assert FeatureProjection.objects.get().values == [0.25, -0.5, 0.0, 0.125]
