"""The parts of training, each against what it promises."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inference.engine.architectures import NETWORK_KINDS, build_classifier
from inference.engine.package import Architecture
from inference.training.augmentation import eight_views, training_batch
from inference.training.balance import draw_epoch, drawing_shares
from inference.training.initial_weights import restore_batch_norm_statistics
from inference.training.measures import (
    area_under_roc,
    balanced_accuracy,
    expected_calibration_error,
    macro_auc,
    softmax,
)
from inference.training.recipe import Augmentation, Recipe, Stage, load_recipe
from inference.training.records import DataError
from inference.training.schedules import learning_rate_factor

PLAIN = Recipe(name="plain", architecture="resnet18", stages=(Stage(2, 32),), evaluation_size=32)
STILL = Augmentation(
    smallest_crop=1.0, aspect=0, degrees=0, brightness=0, contrast=0, saturation=0, hue=0
)


def test_a_recipe_is_changed_from_the_command_line() -> None:
    changed = load_recipe(
        "resnet18",
        ["dropout=0.5", "stages=2@96,1@128", "augmentation.hue=0", "schedule=step", "seed=3"],
    )
    assert changed.dropout == 0.5
    assert changed.stages == (Stage(2, 96), Stage(1, 128))
    assert [changed.size_of_epoch(epoch) for epoch in range(3)] == [96, 96, 128]
    assert changed.augmentation.hue == 0
    assert changed.schedule == "step"
    assert Recipe.from_dict(changed.as_dict()) == changed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("droput=0.5", "no setting called droput"),
        ("dropout=much", "takes a float"),
        ("seed=a", "int"),
    ],
)
def test_a_wrong_change_is_refused(change: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load_recipe("resnet18", [change])


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(DataError, match="no recipe called nothing"):
        load_recipe("nothing")


def test_without_ranges_augmentation_gives_one_of_the_eight_views() -> None:
    recipe = replace(PLAIN, stages=(Stage(1, 24),), evaluation_size=24, augmentation=STILL)
    image = torch.randint(0, 256, (1, 24, 24, 3), dtype=torch.uint8)
    plain = (image.permute(0, 3, 1, 2) / 255 - torch.tensor(recipe.mean)[:, None, None]) / (
        torch.tensor(recipe.std)[:, None, None]
    )
    random = torch.Generator().manual_seed(0)
    batch = training_batch(image.expand(64, -1, -1, -1), size=24, recipe=recipe, random=random)
    seen = set()
    for view in batch:
        distances = [float((view - other).abs().max()) for other in eight_views(plain)]
        assert min(distances) < 1e-3
        seen.add(distances.index(min(distances)))
    assert seen == set(range(8))


def test_augmentation_repeats_with_its_seed_and_stays_in_range() -> None:
    images = torch.randint(0, 256, (8, 40, 40, 3), dtype=torch.uint8)
    batches = [
        training_batch(images, size=32, recipe=PLAIN, random=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    ]
    assert torch.equal(batches[0], batches[1])
    assert not torch.equal(batches[0], batches[2])
    pixels = batches[0] * torch.tensor(PLAIN.std)[:, None, None]
    pixels += torch.tensor(PLAIN.mean)[:, None, None]
    assert float(pixels.min()) >= -1e-5
    assert float(pixels.max()) <= 1 + 1e-5


def test_classes_are_drawn_in_the_asked_shares() -> None:
    labels = torch.tensor([0] * 900 + [1] * 90 + [2] * 10)
    shares = drawing_shares([900, 90, 10], 0.0)
    drawn = draw_epoch(labels, shares, torch.Generator().manual_seed(0))
    counts = torch.bincount(labels[drawn])
    assert counts.tolist() == [333, 333, 333]
    # Every image of the rarest class appears equally often, give or take once.
    times = torch.bincount(drawn, minlength=1000)[990:]
    assert int(times.max() - times.min()) <= 1
    assert torch.allclose(
        drawing_shares([900, 90, 10], 1.0).float(), torch.tensor([0.9, 0.09, 0.01])
    )


@pytest.mark.parametrize("schedule", ["cosine", "step", "warm_restarts"])
def test_schedules_warm_up_and_come_down(schedule: str) -> None:
    recipe = replace(PLAIN, stages=(Stage(10, 32),), schedule=schedule)
    factor = learning_rate_factor(recipe, steps_per_epoch=10)
    rates = [factor(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == pytest.approx(1.0)
    assert rates[-1] < 0.02
    assert max(rates) <= 1.0


def test_restored_batch_norms_answer_the_same_with_true_statistics() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3))
    network.append(nn.BatchNorm2d(4)).eval()
    batch = torch.rand(16, 3, 12, 12) * 3
    before = network(batch)
    restore_batch_norm_statistics(network, batch)
    torch.testing.assert_close(network(batch), before, atol=1e-5, rtol=1e-4)
    # In training mode the same batch gives the same output: nothing shifts.
    torch.testing.assert_close(network.train()(batch), before, atol=2e-2, rtol=1e-2)


@pytest.mark.parametrize("name", sorted(NETWORK_KINDS))
def test_the_class_maps_mean_is_the_logit_of_the_plain_monai_network(name: str) -> None:
    torch.manual_seed(0)
    model = build_classifier(Architecture(name), classes=3).eval()
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        logits, maps, features = model(images)
        torch.testing.assert_close(model.classifier(features), logits)
        torch.testing.assert_close(logits, model.network(images), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(logits, model.logits(images))
        bias = model.classifier.bias
        torch.testing.assert_close(maps.mean(dim=(2, 3)) + bias, logits, atol=1e-4, rtol=1e-4)


def test_measures_agree_with_known_values() -> None:
    labels = np.array([0, 0, 0, 1])
    assert balanced_accuracy(np.array([0, 0, 1, 1]), labels) == pytest.approx((2 / 3 + 1) / 2)
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert area_under_roc(scores, np.array([False, False, True, True])) == pytest.approx(0.75)
    assert area_under_roc(np.ones(4), np.array([False, True, True, False])) == 0.5
    assert area_under_roc(scores, np.zeros(4, dtype=bool)) is None
    confidence = np.array([0.9] * 10 + [0.6] * 10)
    correct = np.array([True] * 9 + [False] + [True] * 4 + [False] * 6)
    assert expected_calibration_error(confidence, correct) == pytest.approx(0.1)


def test_measures_agree_with_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 200)
    probabilities = softmax(random.normal(size=(200, 3)) + np.eye(3)[labels])
    assert macro_auc(probabilities, labels) == pytest.approx(
        roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    )
    predicted = probabilities.argmax(axis=1)
    assert balanced_accuracy(predicted, labels) == pytest.approx(
        balanced_accuracy_score(labels, predicted)
    )
