"""Each loss against its formula, and what it does to classes of unequal size."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from inference.training.balance import drawing_shares, effective_number_weights
from inference.training.losses import (
    class_shares,
    cross_entropy,
    focal_loss,
    ldam_margins,
    training_loss,
)
from inference.training.recipe import Recipe, Stage
from inference.training.records import DataError

COUNTS = [900, 90, 10]
PLAIN = Recipe(
    name="plain",
    architecture="resnet18",
    stages=(Stage(10, 32),),
    evaluation_size=32,
    sampling_exponent=1.0,
    logit_adjustment=0.0,
)


def some_logits_and_labels() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(16, 3, generator=random) * 3
    return logits, torch.randint(0, 3, (16,), generator=random)


def test_without_balance_the_loss_is_torchs_cross_entropy() -> None:
    logits, labels = some_logits_and_labels()
    loss = training_loss(PLAIN, COUNTS, epoch=0)
    torch.testing.assert_close(loss(logits, labels), functional.cross_entropy(logits, labels))
    smooth = training_loss(replace(PLAIN, label_smoothing=0.1), COUNTS, epoch=0)
    torch.testing.assert_close(
        smooth(logits, labels), functional.cross_entropy(logits, labels, label_smoothing=0.1)
    )


def test_soft_labels_are_the_mean_of_the_two_classes_losses() -> None:
    logits, labels = some_logits_and_labels()
    other = (labels + 1) % 3
    mixed = 0.3 * functional.one_hot(labels, 3) + 0.7 * functional.one_hot(other, 3)
    loss = training_loss(PLAIN, COUNTS, epoch=0)
    expected = 0.3 * loss(logits, labels) + 0.7 * loss(logits, other)
    torch.testing.assert_close(loss(logits, mixed), expected)


def test_logit_adjustment_learns_equal_priors() -> None:
    """With the same (uninformative) input, plain logits learn the shares, adjusted ones nothing."""
    labels = torch.tensor([0] * 90 + [1] * 10)
    learned = []
    for strength in (0.0, 1.0):
        loss = training_loss(replace(PLAIN, logit_adjustment=strength), [90, 10], epoch=0)
        bias = torch.zeros(2, requires_grad=True)
        optimizer = torch.optim.SGD([bias], lr=1.0)
        for _ in range(300):
            optimizer.zero_grad()
            loss(bias.expand(100, 2), labels).backward()
            optimizer.step()
        learned.append(float((bias[0] - bias[1]).detach()))
    assert learned[0] == pytest.approx(math.log(9), abs=0.05)
    assert learned[1] == pytest.approx(0, abs=0.05)


def test_logit_adjustment_follows_the_classes_as_they_are_drawn() -> None:
    """Drawn alike, classes need no adjustment: the shift is the same for all of them."""
    logits, labels = some_logits_and_labels()
    adjusted = training_loss(
        replace(PLAIN, sampling_exponent=0.0, logit_adjustment=1.0), COUNTS, epoch=0
    )
    torch.testing.assert_close(adjusted(logits, labels), functional.cross_entropy(logits, labels))


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
def test_the_focal_loss_is_that_of_its_paper(gamma: float) -> None:
    logits, labels = some_logits_and_labels()
    weights = torch.tensor([0.5, 1.0, 4.0])
    expected = []
    for row, label in zip(logits, labels.tolist(), strict=True):
        p = float(row.softmax(dim=0)[label])
        expected.append(-float(weights[label]) * (1 - p) ** gamma * math.log(p))
    found = focal_loss(logits, class_shares(labels, 3), weights, gamma=gamma)
    assert float(found) == pytest.approx(sum(expected) / len(expected), rel=1e-4)


def test_an_image_the_network_is_sure_of_hardly_moves_the_focal_loss() -> None:
    logits = torch.tensor([[6.0, 0.0, 0.0], [0.0, 1.0, 0.0]], requires_grad=True)
    wanted = class_shares(torch.tensor([0, 2]), 3)
    slopes = []
    for gamma in (0.0, 2.0):
        logits.grad = None
        focal_loss(logits, wanted, torch.ones(3), gamma=gamma).backward()
        assert logits.grad is not None
        slopes.append(logits.grad.norm(dim=1))
    easy, hard = (slopes[1] / slopes[0]).tolist()
    assert easy < 1e-3
    assert hard > 0.5


def test_margins_fall_with_the_fourth_root_of_the_class_size() -> None:
    margins = ldam_margins([10_000, 625, 16], largest=2.0)
    torch.testing.assert_close(margins, 2.0 * torch.tensor([0.2, 0.4, 1.0]))


def test_ldam_takes_the_margin_off_the_true_class_alone() -> None:
    logits, labels = some_logits_and_labels()
    margins = ldam_margins(COUNTS, largest=1.5)
    expected = []
    for row, label in zip(logits, labels.tolist(), strict=True):
        true = math.exp(float(row[label] - margins[label]))
        others = sum(math.exp(float(row[c])) for c in range(3) if c != label)
        expected.append(-math.log(true / (true + others)))
    loss = training_loss(replace(PLAIN, loss="ldam", ldam_margin=1.5), COUNTS, epoch=0)
    assert float(loss(logits, labels)) == pytest.approx(sum(expected) / len(expected), rel=1e-4)


def test_an_effective_number_counts_fewer_the_more_images_resemble_each_other() -> None:
    shares = drawing_shares(COUNTS, 1.0)
    distinct = effective_number_weights(COUNTS, shares, overlap=0.0)
    torch.testing.assert_close(distinct, torch.ones(3))  # one image a class counts, however many
    apart = effective_number_weights(COUNTS, shares, overlap=1 - 1e-9)
    torch.testing.assert_close(apart / apart[0], torch.tensor([1.0, 10.0, 90.0]), rtol=1e-3, atol=0)
    weights = effective_number_weights([2, 1], drawing_shares([2, 1], 1.0), overlap=0.5)
    assert float(weights[1] / weights[0]) == pytest.approx(1.5)  # 1 + 0.5 against 1


@pytest.mark.parametrize("exponent", [1.0, 0.5, 0.0])
def test_a_drawn_image_weighs_one_on_average(exponent: float) -> None:
    shares = drawing_shares(COUNTS, exponent)
    weights = effective_number_weights(COUNTS, shares)
    assert float((weights * shares).sum()) == pytest.approx(1, rel=1e-5)
    assert weights[2] > weights[1] > weights[0]


def test_deferred_weights_begin_after_their_share_of_the_epochs() -> None:
    logits, labels = some_logits_and_labels()
    recipe = replace(PLAIN, class_weighting="effective_number", reweight_after=0.8)
    before, after = (training_loss(recipe, COUNTS, epoch=epoch) for epoch in (7, 8))
    weights = effective_number_weights(COUNTS, drawing_shares(COUNTS, 1.0))
    torch.testing.assert_close(before(logits, labels), functional.cross_entropy(logits, labels))
    torch.testing.assert_close(
        after(logits, labels), cross_entropy(logits, class_shares(labels, 3), weights)
    )
    assert float((after(logits, labels) - before(logits, labels)).abs()) > 0.01


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss": "hinge"}, "The loss hinge is none of cross_entropy, focal, ldam"),
        ({"class_weighting": "inverse"}, "The class_weighting inverse is none of none"),
        ({"focal_gamma": 0.5}, "0 or at least 1"),
    ],
)
def test_settings_that_are_no_loss_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        training_loss(replace(PLAIN, **changes), COUNTS, epoch=0)  # type: ignore[arg-type]
