"""Early stopping, keeping the best epoch, and reducing the rate on a plateau: one watch for all.

Written here in a few lines, because MONAI's handlers need ignite's engine in place of the loop and
forget on resuming what they waited for, and torch's ReduceLROnPlateau sets rates that a warm-up by
steps overwrites.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from inference.training.recipe import Recipe
from inference.training.records import DataError

# What can be watched, and whether more of it is better.
WATCHED = {"balanced_accuracy": 1.0, "macro_auc": 1.0, "validation_loss": -1.0}
KEPT = ("last", "best")


@dataclass
class Watch:
    """What the validations so far have shown; a part of every checkpoint."""

    best: float = -math.inf  # of the watched figure, its sign turned where less is better
    best_epoch: int = 0  # counted from 1; 0: none yet
    waited: int = 0  # validations since then
    waited_at_rate: int = 0  # validations since then or since the rate was last reduced
    rate_scale: float = 1.0

    def see(self, measured: Mapping[str, float], *, epoch: int, recipe: Recipe) -> bool:
        """Take in the validation after ``epoch``, counted from 1; true where it is the best yet.

        Nothing is waited for while the backbone is frozen: what it can reach is soon reached.
        """
        value = WATCHED[recipe.watched] * measured[recipe.watched]
        if value > self.best:
            self.best, self.best_epoch = value, epoch
            self.waited = self.waited_at_rate = 0
            return True
        if epoch <= recipe.frozen_epochs:
            return False
        self.waited += 1
        self.waited_at_rate += 1
        if recipe.schedule == "plateau" and self.waited_at_rate >= recipe.plateau_patience:
            self.rate_scale *= recipe.plateau_factor
            self.waited_at_rate = 0
        return False

    def stops(self, recipe: Recipe) -> bool:
        """Whether early stopping ends the run here."""
        return 0 < recipe.early_stopping <= self.waited


def refuse_unknown_callbacks(recipe: Recipe) -> None:
    """Raise DataError for settings that no callback understands."""
    if recipe.watched not in WATCHED:
        raise DataError(f"The setting watched is one of {', '.join(WATCHED)}.")
    if recipe.keep not in KEPT:
        raise DataError(f"The setting keep is one of {', '.join(KEPT)}.")
    if not 0 < recipe.plateau_factor < 1 or recipe.plateau_patience < 1:
        raise DataError(
            "The setting plateau_factor is between 0 and 1, and plateau_patience is at least 1."
        )
