"""Learning rates over a run, as a factor of the recipe's rate."""

import math
from collections.abc import Callable

from inference.training.recipe import Recipe
from inference.training.records import DataError

RESTARTS = (0.15, 0.45, 1.0)  # where the warm restarts' cycles end, as shares of the run


def learning_rate_factor(
    recipe: Recipe, steps_per_epoch: int, *, frozen_epochs: int = 0
) -> Callable[[int], float]:
    """The factor at each optimiser step: a linear warm-up, then the recipe's schedule.

    While the backbone is frozen (the first ``frozen_epochs``) the classifier learns at full rate;
    warm-up and schedule begin with the fine-tuning.
    """
    if recipe.schedule not in SCHEDULES:
        raise DataError(f"The schedule {recipe.schedule} is none of {', '.join(SCHEDULES)}.")
    shape = SCHEDULES[recipe.schedule]
    warmup = max(1, round(recipe.warmup_epochs * steps_per_epoch))
    frozen = frozen_epochs * steps_per_epoch
    total = max(warmup + 1, recipe.epochs * steps_per_epoch - frozen)

    def factor(step: int) -> float:
        if step < frozen:
            return 1.0
        step -= frozen
        if step < warmup:
            return (step + 1) / warmup
        return shape(min(1.0, (step - warmup) / (total - warmup)))

    return factor


def _cosine(progress: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * progress))


def _step(progress: float) -> float:
    """A tenth of the rate after half of the run, a hundredth after three quarters."""
    return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01


def _warm_restarts(progress: float) -> float:
    """Cosine cycles of growing length (Loshchilov and Hutter, ICLR 2017)."""
    start = 0.0
    for end in RESTARTS:
        if progress < end or end == RESTARTS[-1]:
            return _cosine((progress - start) / (end - start))
        start = end
    return 0.0


def _plateau(progress: float) -> float:
    """Constant: what validation shows decides when to reduce it, see ``callbacks``."""
    return 1.0


SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": _cosine,
    "step": _step,
    "warm_restarts": _warm_restarts,
    "plateau": _plateau,
}
