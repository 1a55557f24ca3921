"""One rank of a tiny training in single precision; prints its curve: ``-m … CHECKPOINT``."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import torch

from inference.training.distributed import joined_ranks
from tests.inference.training.tiny import changed, tiny_trainer

# Half precision rounds so much that only much longer curves could be told apart.
WHERE = ("inference.training.trainer", "inference.training.averaged_weights")


def curve(checkpoint: Path) -> list[dict[str, float]]:
    """The history of a run by as many ranks as there are. Dropout is drawn by each for itself."""
    torch.set_num_threads(1)
    recipe = changed(dropout=0.0, stages=[{"epochs": 3, "size": 16}])
    with joined_ranks("cpu") as ranks:
        trainer = tiny_trainer(recipe, ranks=ranks)
        for module in WHERE:
            patcher = patch(f"{module}.half_precision", lambda device: nullcontext())
            patcher.start()
        trainer.run(checkpoint)
        patch.stopall()
        return trainer.progress.history if ranks.first else []


if __name__ == "__main__":
    history = curve(Path(sys.argv[1]))
    if history:
        sys.stdout.write(json.dumps(history) + "\n")
