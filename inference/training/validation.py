"""What validation shows of a network: the figures that callbacks watch and histories list."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.engine.architectures import LesionClassifier
from inference.training.distributed import Ranks
from inference.training.image_set import ImageSet
from inference.training.measures import Floats, Labels, balanced_accuracy, macro_auc, softmax
from inference.training.network_outputs import network_outputs
from inference.training.recipe import Recipe


def validate(
    model: LesionClassifier, images: ImageSet, recipe: Recipe, ranks: Ranks
) -> dict[str, float]:
    """The figures of the whole set on every rank, each of which answers its own lesions.

    With the test-time augmentation that the recipe's package will use.
    """
    lesions = images.lesions or [str(row) for row in images.rows]
    mine = shards(lesions, ranks.count)[ranks.rank]
    logits = np.empty((len(lesions), len(recipe.classes)))
    answered = logits[mine]
    if len(mine):
        pixels, eight = images.pixels[images.rows[mine]], recipe.test_time_augmentation == "d4"
        answered = network_outputs(model, pixels, recipe, ranks.device, eight=eight).logits
    for positions, some in ranks.gather((mine, answered)):
        logits[positions] = some
    return validation_figures(softmax(logits), images.labels)


def shards(lesions: Sequence[str], count: int) -> list[NDArray[np.int64]]:
    """Positions of the images for each of ``count`` ranks: every image once, lesions undivided.

    The largest lesions are dealt first, each to the rank with the fewest images so far.
    """
    members: dict[str, list[int]] = {}
    for position, lesion in enumerate(lesions):
        members.setdefault(lesion, []).append(position)
    dealt: list[list[int]] = [[] for _ in range(count)]
    for lesion in sorted(members, key=lambda lesion: (-len(members[lesion]), lesion)):
        min(dealt, key=len).extend(members[lesion])
    return [np.array(sorted(positions), dtype=np.int64) for positions in dealt]


def validation_figures(probabilities: Floats, labels: Labels) -> dict[str, float]:
    """Balanced accuracy, macro AUC and loss of probabilities (N, C)."""
    return {
        "balanced_accuracy": balanced_accuracy(probabilities.argmax(axis=1), labels),
        "macro_auc": macro_auc(probabilities, labels),
        "validation_loss": balanced_log_loss(probabilities, labels),
    }


def balanced_log_loss(probabilities: Floats, labels: Labels) -> float:
    """The mean over classes of their images' mean -log probability.

    Networks here answer as if all classes were equally common, so each class counts alike.
    """
    missed = -np.log(probabilities[np.arange(len(labels)), labels].clip(1e-12))
    return float(np.mean([missed[labels == label].mean() for label in np.unique(labels)]))
