"""How much faster the CPU runtime serves than eager torch, and how much the loader costs training.

Ratios within one run, so that a busy or slow machine does not decide them:

    python -m benchmarks.serving_runtimes [--package inference/packages/resnet18]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from inference.engine.classifier import Classifier
from inference.engine.package import Architecture, Package, open_package
from inference.engine.runtime import choose_runtime
from inference.training.losses import training_loss
from inference.training.memory import keep_freed_memory
from inference.training.recipe import load_recipe
from inference.training.trainer import ImageSet, Trainer, half_precision

PACKAGE = Path(__file__).parents[1] / "inference" / "packages" / "resnet18"
IMAGES, ROUNDS = 48, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, default=PACKAGE)
    options = parser.parse_args()
    # Serving first: training changes how memory is kept, and uses one thread.
    result = {**serving(open_package(options.package)), **training()}
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def serving(package: Package) -> dict[str, float]:
    """Images/s from decoded images to answers: ONNX Runtime and eager torch, in turns."""
    size = package.preprocessing.size
    random = np.random.default_rng(0)
    images = list(random.integers(0, 256, (IMAGES, size, size, 3), dtype=np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        onnx = choose_runtime(package, onnx_path=Path(folder) / "network.onnx", device="cpu")
    eager = Classifier(package, choose_runtime(package, device="torch-cpu"))
    served = Classifier(package, onnx)
    seconds = in_turns(lambda: served.classify(images), lambda: eager.classify(images))
    return {
        "serving_onnx_images_per_second": round(IMAGES / seconds[0], 1),
        "serving_torch_images_per_second": round(IMAGES / seconds[1], 1),
        "serving_onnx_over_torch": round(seconds[1] / seconds[0], 2),
        "serving_onnx_milliseconds_per_image": round(1000 * seconds[0] / IMAGES, 1),
    }


def training(steps: int = 6) -> dict[str, float]:
    """Images/s of the trainer's epoch and of a bare forward and backward loop at the same size.

    In one thread and by its own CPU time, so that what else the machine does hardly matters.
    """
    from inference.engine.architectures import build_classifier

    keep_freed_memory()
    torch.set_num_threads(1)
    recipe = load_recipe("resnet18", ["stages=1000@128"])
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

    seconds = in_turns(lambda: trainer.train_one_epoch(0), bare, clock=time.process_time)
    return {
        "training_images_per_thread_second": round(count / seconds[0], 1),
        "training_bare_loop_images_per_thread_second": round(count / seconds[1], 1),
        "training_over_bare_loop": round(seconds[1] / seconds[0], 2),
    }


def in_turns(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """The fastest of several runs of each, in turns, after one run of each to warm up."""
    best = [float("inf"), float("inf")]
    for turn in range(ROUNDS + 1):
        for index, work in enumerate((first, second)):
            started = clock()
            work()
            if turn:
                best[index] = min(best[index], clock() - started)
    return best[0], best[1]


if __name__ == "__main__":
    main()
