"""From logits to an answer a person reads, and the picture of where the model looked."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.engine.classifier import Classifier
from inference.engine.explain import class_activation, render_overlay
from inference.engine.forward_pass import ForwardPass
from inference.engine.package import PackageError, open_package
from inference.engine.views import COUNT, view_of, views_of
from tests.inference.engine.packages import contents, half, safetensors, zipped


class RednessRuntime:
    """Says melanoma (the first class) by the redness of the upper left of the image."""

    name, batch_size = "rule", 3

    def __init__(self) -> None:
        self.batches: list[int] = []

    def forward(self, batch: NDArray[np.float32]) -> ForwardPass:
        self.batches.append(len(batch))
        height = batch.shape[2] // 2
        quarters = batch[:, 0].reshape(len(batch), 2, height, 2, height).mean(axis=(2, 4))
        maps = np.stack([quarters, -quarters], axis=1)
        logits = np.stack([quarters[:, 0, 0] * 2, np.zeros(len(batch), np.float32)], axis=1)
        features = batch.mean(axis=(2, 3))
        return ForwardPass(logits.astype(np.float32), maps.astype(np.float32), features)


def image_with_red(*places: tuple[int, int]) -> NDArray[np.uint8]:
    """A black 64 px image with some of its quarters (row, column) red."""
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    for row, column in places:
        image[32 * row : 32 * row + 32, 32 * column : 32 * column + 32, 0] = 255
    return image


def classifier(**changes: object) -> tuple[Classifier, RednessRuntime]:
    runtime = RednessRuntime()
    return Classifier(open_package(zipped(contents(**changes))), runtime), runtime


def test_answers_come_in_order_and_in_batches() -> None:
    model, runtime = classifier()
    red, black = image_with_red((0, 0)), image_with_red()
    answers = model.classify([red, black, red, black, red])
    assert runtime.batches == [3, 2]
    assert [answer.likeliest for answer in answers] == ["mel", "nv", "mel", "nv", "mel"]
    for answer in answers:
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert list(answer.probabilities) == ["mel", "nv"]
        assert answer.malignancy == pytest.approx(answer.probabilities["mel"])
        assert 0 <= answer.uncertainty <= 1
    assert model.classify([]) == []


def test_the_temperature_makes_less_certain_and_the_offsets_shift() -> None:
    cold, _ = classifier(calibration={"temperature": 1.0})
    warm, _ = classifier(calibration={"temperature": 4.0})
    shifted, _ = classifier(calibration={"temperature": 1.0, "class_offsets": [-9.0, 0.0]})
    red = image_with_red((0, 0))
    certain, vague, moved = (model.classify([red])[0] for model in (cold, warm, shifted))
    assert certain.probabilities["mel"] > vague.probabilities["mel"] > 0.5
    assert certain.uncertainty < vague.uncertainty
    assert moved.likeliest == "nv"
    expected = 1 / (1 + np.exp(-2 * (1 - 0.5) / 0.25))
    assert certain.probabilities["mel"] == pytest.approx(expected, abs=1e-6)


def test_plausible_classes_are_those_within_their_thresholds_likeliest_first() -> None:
    red = image_with_red((0, 0))
    sets = {}
    for nevus in (0.5, 0.99):
        model, _ = classifier(conformal={"coverage": 0.9, "thresholds": [0.0, nevus]})
        sets[nevus] = model.classify([red])[0].plausible
    assert sets == {0.5: ("mel",), 0.99: ("mel", "nv")}
    without, _ = classifier()
    assert without.classify([red])[0].plausible == ()


def test_an_image_off_the_familiar_directions_is_strange() -> None:
    """Features here are the mean colour: only its red may vary among the familiar images."""
    weights = safetensors(
        {
            "familiarity.mean": ("F16", [3], half(0, -2, -2)),
            "familiarity.components": ("F16", [1, 3], half(1, 0, 0)),
        }
    )
    model = Classifier(
        open_package(
            zipped(
                contents(
                    weights=weights,
                    out_of_distribution={"method": "feature_residual", "threshold": 0.5},
                )
            )
        ),
        RednessRuntime(),
    )
    green = np.full((64, 64, 3), (0, 255, 0), dtype=np.uint8)
    black, red, odd = model.classify([image_with_red(), image_with_red((0, 0), (1, 1)), green])
    assert black.strangeness == pytest.approx(0, abs=1e-3)
    assert red.strangeness == pytest.approx(0, abs=1e-3)
    assert odd.strangeness == pytest.approx(4 / 0.5, rel=1e-3)


def test_bare_skin_is_strange_though_it_lies_in_the_familiar_directions() -> None:
    """Red may vary among the familiar images here, but much red is what bare skin looks like."""
    tensors = {
        "familiarity.mean": ("F16", [3], half(0, -2, -2)),
        "familiarity.components": ("F16", [1, 3], half(1, 0, 0)),
        "familiarity.skin_direction": ("F16", [3], half(10, 0, 0)),
    }
    measure = {
        "method": "feature_residual_and_bare_skin",
        "threshold": 0.5,
        "skin_intercept": 15.0,  # the feature is -2 without red and 2 where all is red
        "skin_threshold": 0.5,
    }
    package = contents(weights=safetensors(tensors), out_of_distribution=measure)
    model = Classifier(open_package(zipped(package)), RednessRuntime())
    all_red = np.full((64, 64, 3), (255, 0, 0), dtype=np.uint8)
    black, skin = model.classify([image_with_red(), all_red])
    assert black.strangeness is not None
    assert black.strangeness < 0.1
    assert skin.strangeness == pytest.approx(1 / 0.5, rel=1e-3)
    del tensors["familiarity.skin_direction"]
    package = contents(weights=safetensors(tensors), out_of_distribution=measure)
    with pytest.raises(PackageError, match="lacks its tensors"):
        open_package(zipped(package))


def test_with_the_eight_views_a_turned_image_gets_the_same_answer_and_a_turned_map() -> None:
    model, _ = classifier(test_time_augmentation="d4")
    plain, _ = classifier()
    corner, other = image_with_red((0, 0)), image_with_red((1, 1))
    first, second = model.classify([corner, other])
    assert first.probabilities["mel"] == pytest.approx(second.probabilities["mel"], abs=1e-6)
    np.testing.assert_allclose(first.activation, second.activation[::-1, ::-1], atol=1e-6)
    alone = [plain.classify([image])[0].probabilities["mel"] for image in (corner, other)]
    assert abs(alone[0] - alone[1]) > 0.5


def test_the_eight_views_of_an_image_go_through_in_full_batches() -> None:
    model, runtime = classifier(test_time_augmentation="d4")
    images = [image_with_red((0, 0)), image_with_red((1, 1)), image_with_red()]
    together = model.classify(images)
    assert runtime.batches == [3] * 8
    runtime.batches.clear()
    alone = [model.classify([image])[0] for image in images]
    assert runtime.batches == [3, 3, 2] * 3
    for first, second in zip(together, alone, strict=True):
        assert first.probabilities == pytest.approx(second.probabilities)
        np.testing.assert_allclose(first.activation, second.activation, atol=1e-6)


def test_the_activation_lies_where_the_red_is() -> None:
    model, _ = classifier()
    (answer,) = model.classify([image_with_red((0, 0))])
    assert answer.activation.dtype == np.float32
    assert answer.activation.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_every_view_is_undone() -> None:
    batch = np.random.default_rng(0).normal(size=(2, 3, 5, 5)).astype(np.float32)
    views = list(views_of(batch))
    assert np.array_equal(views[0], batch)
    assert len({view.tobytes() for view in views}) == COUNT
    for index, view in enumerate(views):
        np.testing.assert_array_equal(view_of(view, index, back=True), batch)


def test_a_map_that_speaks_against_its_class_is_empty() -> None:
    assert class_activation(np.full((3, 3), -2.0, dtype=np.float32)).tolist() == [[0.0] * 3] * 3
    ramp = class_activation(np.array([[-1.0, 0.0], [1.0, 4.0]], dtype=np.float32))
    assert ramp.tolist() == [[0.0, 0.0], [0.25, 1.0]]


def test_the_overlay_is_transparent_where_nothing_matters_and_never_hides_the_skin() -> None:
    activation = np.zeros((6, 6), dtype=np.float32)
    activation[4:, 4:] = 1
    picture = Image.open(BytesIO(render_overlay(activation, size=120)))
    assert picture.mode == "RGBA"
    assert picture.size == (120, 120)
    pixels = np.asarray(picture)
    assert pixels[5:40, 5:40, 3].max() == 0
    assert 150 < pixels[110, 110, 3] < 200


def test_more_important_places_are_lighter() -> None:
    """Readable in grey and with any colour vision: lightness rises with importance."""
    ramp = np.linspace(0.2, 1, 50, dtype=np.float32)[None, :].repeat(50, 0)
    grey = np.asarray(
        Image.open(BytesIO(render_overlay(ramp, size=50))).convert("RGB").convert("L")
    )
    assert np.all(np.diff(grey[25].astype(int)) >= 0)
