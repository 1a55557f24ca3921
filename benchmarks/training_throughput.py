"""What the loader costs training: the trainer's epoch beside a bare forward and backward loop.

In one thread and by its own CPU time, so that what else the machine does hardly matters:

    python -m benchmarks.training_throughput
"""

import json
import sys
import time
from typing import cast

import numpy as np
import torch

from benchmarks._in_turns import in_turns
from inference.engine.architectures import build_classifier
from inference.engine.package import Architecture
from inference.training.image_set import ImageSet
from inference.training.losses import training_loss
from inference.training.memory import keep_freed_memory
from inference.training.precision import half_precision
from inference.training.recipe import Recipe, load_recipe
from inference.training.trainer import Trainer


def main() -> None:
    sys.stdout.write(json.dumps(training(), indent=1) + "\n")


def training(steps: int = 6) -> dict[str, float]:
    """Images/s of the trainer's epoch and of a bare loop at the same size."""
    keep_freed_memory()
    torch.set_num_threads(1)
    recipe = cast("Recipe", load_recipe("resnet18", ["stages=1000@128"]))
    count = recipe.batch_size * steps
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (count, recipe.cache_size, recipe.cache_size, 3), np.uint8)
    labels = np.arange(count) % len(recipe.classes)
    images = ImageSet(pixels, np.arange(count), labels)
    model = build_classifier(Architecture(recipe.architecture), classes=len(recipe.classes))
    trainer = Trainer(recipe, model, train=images, validation=images, norm_images=pixels[:1])
    batch = torch.randn(recipe.batch_size, 3, 128, 128).contiguous(
        memory_format=torch.channels_last
    )
    targets = torch.from_numpy(labels[: recipe.batch_size])
    loss_of = training_loss(recipe, trainer.counts, epoch=0)

    def bare() -> None:
        for _ in range(steps):
            with half_precision(trainer.device):
                logits = trainer.model.logits(batch)
            loss = loss_of(logits.float(), targets)
            trainer.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            trainer.optimizer.step()

    seconds = in_turns(
        {"trainer": lambda: trainer.train_one_epoch(0), "bare": bare}, clock=time.process_time
    )
    return {
        "training_images_per_thread_second": round(count / seconds["trainer"], 1),
        "training_bare_loop_images_per_thread_second": round(count / seconds["bare"], 1),
        "training_over_bare_loop": round(seconds["bare"] / seconds["trainer"], 2),
    }


if __name__ == "__main__":
    main()
