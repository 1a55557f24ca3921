"""Mixed images carry labels in the shares that are seen; MONAI's transforms do not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.transforms import CutMix, MixUp
from torch import Tensor
from torch.nn import functional

from inference.training.mixing import Mixture, cutmix, draw_mixture, mix, mixup
from inference.training.recipe import Recipe, Stage
from inference.training.records import DataError

PLAIN = Recipe(
    name="plain",
    architecture="resnet18",
    stages=(Stage(1, 32),),
    evaluation_size=32,
    classes=tuple("abcd"),
)


def flat_images_of_classes(count: int = 64, size: int = 20) -> tuple[Tensor, Tensor]:
    """Image i is black but for channel ``label``: the channels' means are the classes' shares."""
    labels = torch.arange(count) % 4
    channels = functional.one_hot(labels, 4).float()
    return channels[:, :, None, None].expand(-1, -1, size, size + 4).clone(), labels


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_labels_are_the_shares_of_the_pixels(mixing: str) -> None:
    images, labels = flat_images_of_classes()
    recipe = replace(PLAIN, mixing=mixing, mixing_share=1.0)
    mixed, shares = mix(images, labels, recipe=recipe, random=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mixed.mean(dim=(2, 3)), shares, atol=1e-5, rtol=0)
    assert int(((shares > 0.02) & (shares < 0.98)).any(dim=1).sum()) > 20, "hardly any was mixed"


def test_cutmix_pastes_one_rectangle_anywhere_in_the_image() -> None:
    count = 400
    images = torch.zeros(count, 1, 32, 32)
    images[1::2] = 1.0
    partner = torch.arange(count) ^ 1
    drawn = draw_mixture(count, alpha=1.0, share=1.0, random=torch.Generator().manual_seed(0))
    mixed, _ = cutmix(
        images, torch.eye(2)[torch.arange(count) % 2], replace(drawn, partner=partner)
    )
    pasted = mixed[::2, 0] == 1
    for mask in pasted:
        rows, columns = mask.any(dim=1), mask.any(dim=0)
        assert bool((mask == rows[:, None] & columns[None, :]).all())
        for line in (rows, columns):
            assert int((line[1:] != line[:-1]).sum()) <= 2, "more than one piece"
    often = pasted.float().mean(dim=0)
    assert float(often.min()) > 0.1, "a part of the image is never pasted"
    assert float((often - often.flip(0)).abs().max()) < 0.2, "the rectangle leans to one side"


def test_mixup_by_hand() -> None:
    images = torch.tensor([0.0, 10.0]).view(2, 1, 1, 1)
    drawn = Mixture(torch.tensor([1, 0]), torch.tensor([0.25, 1.0]), torch.zeros(2, 2))
    mixed, shares = mixup(images, torch.eye(2), drawn)
    assert mixed.flatten().tolist() == [7.5, 10.0]
    assert shares.tolist() == [[0.25, 0.75], [0.0, 1.0]]


def test_a_share_of_the_images_is_mixed_by_the_asked_distribution() -> None:
    random = torch.Generator().manual_seed(0)
    drawn = draw_mixture(4000, alpha=0.4, share=0.5, random=random)
    mixed = drawn.kept[drawn.kept < 1]
    assert len(mixed) / 4000 == pytest.approx(0.5, abs=0.03)
    assert float(mixed.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(mixed.var()) == pytest.approx(1 / (4 * (2 * 0.4 + 1)), abs=0.01)
    assert sorted(drawn.partner.tolist()) == list(range(4000))


def test_without_mixing_a_batch_is_left_alone() -> None:
    images, labels = flat_images_of_classes()
    random = torch.Generator().manual_seed(0)
    state = random.get_state()
    mixed, same = mix(images, labels, recipe=PLAIN, random=random)
    assert mixed is images
    assert same is labels
    assert torch.equal(random.get_state(), state), "random numbers were used up"


def test_an_unknown_mixing_is_refused() -> None:
    images, labels = flat_images_of_classes(4)
    random = torch.Generator()
    with pytest.raises(DataError, match="The mixing blend is none of none, mixup, cutmix"):
        mix(images, labels, recipe=replace(PLAIN, mixing="blend"), random=random)
    with pytest.raises(DataError, match="mixing_alpha must be above 0"):
        mix(
            images,
            labels,
            recipe=replace(PLAIN, mixing="mixup", mixing_alpha=0.0),
            random=random,
        )


def test_monais_mixup_refuses_labels_of_classes() -> None:
    """Why it is not used: it takes pictures and volumes as labels only."""
    images, labels = flat_images_of_classes(8)
    with pytest.raises(ValueError, match="Unexpected number of dimensions"):
        MixUp(batch_size=8)(images, functional.one_hot(labels, 4).float())


def test_monais_cutmix_labels_are_not_what_its_images_show() -> None:
    """Why it is not used: the label is the partner's alone, whatever was pasted."""
    images, labels = flat_images_of_classes(8)
    transform = CutMix(batch_size=8, alpha=1.0)
    transform.set_random_state(seed=0)
    truth = functional.one_hot(labels, 4).float()
    mixed, shares = transform(images, truth)
    partner = transform._params[1]
    assert torch.equal(torch.as_tensor(shares), truth[partner])
    seen = torch.as_tensor(mixed).mean(dim=(2, 3))
    np.testing.assert_allclose(seen.sum(dim=1), 1, atol=1e-5)
    assert float((seen - torch.as_tensor(shares)).abs().max()) > 0.3
