"""What the web process counts in plain Python is what the engine counts with numpy."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.engine.decisions import called_classes
from inference.engine.package import Calibration, ModelClass
from inference.models import ModelVersion
from inference.probabilities import called_class, normalised_entropy
from tests.factories import HAM10000_CLASSES

CODES = [str(kind["code"]) for kind in HAM10000_CLASSES]
OFFSETS = (3.4, 2.9, 2.2, 4.4, 2.2, 0.4, 4.2)


def engine_calls(probabilities: NDArray[np.float64], offsets: tuple[float, ...]) -> str:
    classes = [ModelClass(**kind) for kind in HAM10000_CLASSES]  # type: ignore[arg-type]
    calibration = Calibration(decision_offsets=offsets)
    return CODES[int(called_classes(probabilities[None], classes, calibration)[0])]


@pytest.mark.parametrize("offsets", [(), OFFSETS])
def test_the_decision_is_the_engines_also_in_a_tie(offsets: tuple[float, ...]) -> None:
    version = ModelVersion(
        classes=HAM10000_CLASSES, calibration={"decision_offsets": list(offsets)}
    )
    random = np.random.default_rng(3)
    rows = [*random.dirichlet([0.3] * 7, size=300), np.full(7, 1 / 7), np.eye(7)[0]]
    called = [called_class(version, dict(zip(CODES, row.tolist(), strict=True))) for row in rows]
    assert called == [engine_calls(row, offsets) for row in rows]
    assert len(set(called)) > 3, "the rows exercise several classes"


def test_entropy_runs_from_certain_to_undecided() -> None:
    assert normalised_entropy({"mel": 1.0, "nv": 0.0}) == 0.0
    assert normalised_entropy({"mel": 0.5, "nv": 0.5}) == pytest.approx(1.0)
    assert 0 < normalised_entropy({"mel": 0.9, "nv": 0.1}) < 1
