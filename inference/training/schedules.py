"""Learning rates over a run, as a factor of the recipe's rate."""

import math
from collections.abc import Callable

from inference.training.recipe import Recipe
from inference.training.records import DataError

RESTARTS = (0.15, 0.45, 1.0)  # where the warm restarts' cycles end, as shares of the run


def learning_rate_factor(recipe: Recipe, steps_per_epoch: int) -> Callable[[int], float]:
    """The factor at each optimiser step: a linear warm-up, then the recipe's schedule."""
    if recipe.schedule not in SCHEDULES:
        raise DataError(f"The schedule {recipe.schedule} is none of {', '.join(SCHEDULES)}.")
    shape = SCHEDULES[recipe.schedule]
    warmup = max(1, round(recipe.warmup_epochs * steps_per_epoch))
    total = max(warmup + 1, recipe.epochs * steps_per_epoch)

    def factor(step: int) -> float:
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


SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": _cosine,
    "step": _step,
    "warm_restarts": _warm_restarts,
}
