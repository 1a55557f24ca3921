"""What augmentation may do to an image, and that a batch can be shared between processes."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from inference.training.augmentation import changed, draw_changes, training_batch
from inference.training.colour_constancy import shades_of_gray
from inference.training.drawn_artefacts import (
    HAIR_TINT,
    HAIRS,
    NO_RING,
    add_hairs,
    add_rings,
    draw_hairs,
    draw_rings,
)
from inference.training.mixing import mix
from inference.training.recipe import Augmentation, Recipe, Stage

STILL = Augmentation(
    smallest_crop=1.0, aspect=0, degrees=0, brightness=0, contrast=0, saturation=0, hue=0
)
EVERYTHING = Augmentation(erase=0.5, shades_of_gray=0.5, hair=0.5, vignette=0.5)


def recipe_with(augmentation: Augmentation) -> Recipe:
    return Recipe(
        name="augmented",
        architecture="resnet18",
        stages=(Stage(1, 32),),
        evaluation_size=32,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        augmentation=augmentation,
    )


def random_from(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_part_of_a_batch_is_changed_as_in_the_whole() -> None:
    """What lets several processes share a batch and train as one would."""
    images = torch.randint(0, 256, (12, 40, 40, 3), dtype=torch.uint8, generator=random_from(0))
    recipe = recipe_with(EVERYTHING)
    whole = training_batch(images, size=32, recipe=recipe, random=random_from(1))
    changes = draw_changes(12, recipe.augmentation, random_from(1))
    rows = slice(4, 8)
    part = changed(images[rows], changes.part(rows), size=32, recipe=recipe)
    torch.testing.assert_close(part, whole[rows])
    assert not torch.allclose(part, whole[:4])


def test_images_are_changed_on_the_device_they_are_on() -> None:
    """The meta device computes nothing, but refuses to mix with tensors on the CPU."""
    recipe = replace(recipe_with(EVERYTHING), mixing="cutmix")
    images = torch.empty(32, 40, 40, 3, dtype=torch.uint8, device="meta")
    changes = draw_changes(32, recipe.augmentation, random_from(0))
    batch = changed(images, changes, size=24, recipe=recipe)
    assert batch.device.type == "meta"
    assert batch.shape == (32, 3, 24, 24)
    mixed, shares = mix(batch, torch.zeros(32).long(), recipe=recipe, random=random_from(0))
    assert mixed.device.type == shares.device.type == "meta"


@pytest.mark.parametrize("option", ["erase", "shades_of_gray", "hair", "vignette"])
def test_an_option_changes_its_share_of_the_images_and_draws_nothing_when_off(option: str) -> None:
    images = torch.randint(0, 256, (64, 32, 32, 3), dtype=torch.uint8, generator=random_from(0))
    random = random_from(1)
    plain = training_batch(images, size=32, recipe=recipe_with(STILL), random=random)
    following = torch.rand(1, generator=random)
    recipe = recipe_with(replace(STILL, **{option: 0.25}))
    random = random_from(1)
    other = training_batch(images, size=32, recipe=recipe, random=random)
    touched = (other - plain).abs().amax(dim=(1, 2, 3)) > 1e-4
    assert 6 <= int(touched.sum()) <= 28
    assert float(other.min()) >= 0
    assert float(other.max()) <= 1
    fewer = random_from(1)
    draw_changes(64, STILL, fewer)
    assert torch.equal(torch.rand(1, generator=fewer), following)


def test_neutral_light_undoes_a_colour_cast() -> None:
    """The same scene under two lights comes out alike: channels are divided by their light."""
    scene = torch.rand(4, 3, 24, 24, generator=random_from(0)) * 0.5
    cast = scene * torch.tensor((1.0, 0.7, 0.5))[:, None, None]
    assert float((scene - cast).abs().max()) > 0.2
    neutral, recovered = shades_of_gray(scene), shades_of_gray(cast)
    scale = neutral.mean(dim=(1, 2, 3), keepdim=True) / recovered.mean(dim=(1, 2, 3), keepdim=True)
    torch.testing.assert_close(neutral, recovered * scale, atol=1e-3, rtol=1e-3)


def test_neutral_light_leaves_grey_alone_and_takes_the_sixth_powers_mean() -> None:
    grey = torch.rand(2, 1, 16, 16, generator=random_from(0)).expand(-1, 3, -1, -1)
    torch.testing.assert_close(shades_of_gray(grey), grey)
    assert bool(shades_of_gray(torch.zeros(1, 3, 8, 8)).isfinite().all())
    halves = torch.tensor((0.2, 0.4)).repeat(32).view(1, 1, 8, 8)
    pixels = torch.cat((halves, torch.full((1, 2, 8, 8), 0.3)), dim=1)
    light = ((0.2**6 + 0.4**6) / 2) ** (1 / 6)
    ratio = shades_of_gray(pixels)[0, 1, 0, 0] / shades_of_gray(pixels)[0, 0, 0, 0]
    assert float(ratio) == pytest.approx((0.3 / 0.3) / (0.2 / light), rel=1e-4)


def one_hair(**values: float) -> Tensor:
    names = ("x", "y", "angle", "reach", "bend", "half_width", "brightness")
    hairs = torch.zeros(1, HAIRS, 7)
    hairs[0, 0] = torch.tensor([values.get(name, 0.0) for name in names])
    return hairs


def test_a_straight_hair_is_a_dark_line_of_its_width_and_length() -> None:
    skin = torch.full((1, 3, 100, 100), 0.8)
    drawn = add_hairs(skin, one_hair(x=0.01, y=0.01, reach=0.5, half_width=0.05, brightness=0.1))
    dark = drawn[0, 0] < 0.2
    assert int(dark.any(dim=0).sum()) == pytest.approx(50, abs=2)  # 1.0 of 2.0 across
    assert int(dark.any(dim=1).sum()) == pytest.approx(5, abs=1)  # 0.1 of 2.0 down
    torch.testing.assert_close(drawn[0, :, 50, 50], 0.1 * torch.tensor(HAIR_TINT))
    assert float(drawn[0, 0, 10, 50]) == pytest.approx(0.8)


def test_a_hair_looks_the_same_whatever_the_number_of_pixels() -> None:
    hair = one_hair(x=0.1, y=-0.2, angle=0.7, reach=0.9, bend=0.4, half_width=0.012)
    covered = [
        float(1 - add_hairs(torch.ones(1, 3, size, size), hair).mean()) for size in (64, 128, 256)
    ]
    assert covered[0] == pytest.approx(covered[2], rel=0.15)
    assert covered[1] == pytest.approx(covered[2], rel=0.1)


def test_hairs_are_of_one_colour_and_of_several_in_an_image() -> None:
    hairs = draw_hairs(200, 1.0, random_from(0))
    number = (hairs[:, :, 5] > 0).sum(dim=1)
    assert (int(number.min()), int(number.max())) == (3, HAIRS)
    assert float((hairs[:, :, 6] - hairs[:, :1, 6]).abs().max()) == 0


def test_the_ring_darkens_outside_its_circle_alone() -> None:
    ring = torch.tensor([[0.0, 0.0, 0.9, 0.05, 1.0], [0.0, 0.0, NO_RING, 0.05, 1.0]])
    pixels = add_rings(torch.full((2, 3, 80, 80), 0.6), ring)
    assert float(pixels[1].min()) == pytest.approx(0.6)
    light = float((pixels[0, 0] > 0.3).float().mean())
    assert light == pytest.approx(3.1416 * 0.9**2 / 4, abs=0.01)
    assert float(pixels[0, :, 0, 0].max()) == 0
    assert float(pixels[0, 0, 40, 40]) == pytest.approx(0.6)


def test_a_ring_never_hides_the_middle() -> None:
    pixels = add_rings(torch.ones(300, 1, 32, 32), draw_rings(300, 1.0, random_from(0)))
    assert float(pixels[:, :, 10:22, 10:22].min()) == 1
    assert float(pixels[:, :, 0, 0].mean()) < 0.8
