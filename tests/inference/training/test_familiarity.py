"""What is familiar to a network, and bare skin cut from training images."""

from pathlib import Path

import numpy as np

from inference.engine.familiarity import BareSkin as ServedBareSkin
from inference.engine.familiarity import Familiarity
from inference.training.bare_skin import bare_corners
from inference.training.familiarity import (
    BareSkin,
    Energy,
    FamiliarityFit,
    energy_of,
    fit_bare_skin,
    fit_familiarity,
)
from tests.inference.training.generated import _blot

LESION = np.array((40, 30, 40))


def pictures(count: int) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.stack([_blot(LESION, 64, random) for _ in range(count)])


def test_corners_are_skin_and_hold_nothing_of_the_lesion() -> None:
    skin = bare_corners(pictures(40), count=12, size=32)
    assert skin.shape == (12, 32, 32, 3)
    assert skin.mean() > 160
    assert np.percentile(skin, 1) > 100


def test_dark_corners_are_no_skin() -> None:
    dark = pictures(10)
    dark[:, :30] = 10  # both upper corners: the ring of a dermatoscope
    assert bare_corners(dark, count=5, size=32).min() > 60
    dark[:] = 10
    assert bare_corners(dark, count=5, size=32).shape == (0, 32, 32, 3)


def features() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training images, bare skin among their directions, and noise outside them."""
    random = np.random.default_rng(1)
    inside, outside = np.zeros((2, 40)), np.zeros(40)
    inside[0, 0], inside[1, 1], outside[2] = 3, 1, 1
    train = random.normal(size=(600, 2)) @ inside + random.normal(0, 0.05, (600, 40))
    skin = random.normal(size=(80, 2)) @ inside * 0.2 + inside[1] * 4
    return train, skin + random.normal(0, 0.05, (80, 40)), train[:80] + 5 * outside


def test_bare_skin_is_told_where_the_residual_is_blind() -> None:
    train, skin, noise = features()
    mean, components = fit_familiarity(train[:300])
    assert components.shape == (10, 40)
    direction, intercept = fit_bare_skin(train[:300], skin[:40])
    served = Familiarity(mean, components, 1.0, ServedBareSkin(direction, intercept, 1.0))
    kinds = {"skin": skin[40:], "noise": noise}
    assert served.bare_skin is not None
    fit = FamiliarityFit(
        mean,
        components,
        served.residual(train[300:]),
        {kind: served.residual(values) for kind, values in kinds.items()},
        BareSkin(
            direction,
            intercept,
            served.bare_skin.chance(train[300:]),
            {kind: served.bare_skin.chance(values) for kind, values in kinds.items()},
        ),
        Energy(energy_of(train[300:]), {kind: energy_of(v) for kind, v in kinds.items()}),
    )
    document = fit.as_metadata()
    assert document["auroc_alone"]["residual"]["skin"] < 0.8
    assert min(document["auroc"].values()) > 0.97
    assert document["flagged"] == {"skin": 1.0, "noise": 1.0}
    assert document["kept_of_validation"] >= 0.98
    assert set(document["auroc_alone"]) == {"residual", "bare_skin", "energy"}
    thresholds = document["threshold"], document["skin_threshold"]
    again = Familiarity(
        mean,
        components,
        thresholds[0],
        ServedBareSkin(direction, document["skin_intercept"], thresholds[1]),
    )
    kept = np.mean(again.strangeness(train[300:]) <= 1)
    assert abs(kept - document["kept_of_validation"]) < 0.01


def test_a_fit_is_read_back_and_one_of_an_earlier_version_too(tmp_path: Path) -> None:
    path = tmp_path / "familiarity.npz"
    random = np.random.default_rng(2)
    mean, components = np.zeros(8, np.float32), np.eye(2, 8, dtype=np.float32)
    strange = {"plain skin": random.random(5)}
    fit = FamiliarityFit(
        mean,
        components,
        random.random(9),
        strange,
        BareSkin(np.ones(8, np.float32), -2.5, random.random(9), strange),
        Energy(random.random(9), strange),
    )
    fit.write(path)
    assert FamiliarityFit.read(path).as_metadata() == fit.as_metadata()
    np.savez(
        path, mean=mean, components=components, validation=fit.validation, strange_noise=np.ones(3)
    )
    earlier = FamiliarityFit.read(path).as_metadata()
    assert earlier["method"] == "feature_residual"
    assert list(earlier["auroc"]) == ["noise"]


def test_energy_is_low_where_a_class_is_sure() -> None:
    energy = energy_of(np.array([[9.0, 0.0, 0.0], [0.0, 0.0, 0.0], [900.0, 0.0, 0.0]]))
    assert energy[0] < energy[1]
    np.testing.assert_allclose(energy, [-9.0002, -np.log(3), -900], atol=1e-3)
