"""The training loop, top to bottom: one recipe, one data set, resumable after every epoch."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from inference.engine.architectures import LesionClassifier
from inference.training.augmentation import evaluation_batch, training_batch
from inference.training.balance import draw_epoch, drawing_shares
from inference.training.initial_weights import restore_batch_norm_statistics
from inference.training.losses import training_loss
from inference.training.measures import balanced_accuracy, macro_auc, softmax
from inference.training.mixing import mix
from inference.training.network_outputs import network_outputs
from inference.training.recipe import Recipe
from inference.training.schedules import learning_rate_factor


@dataclass(frozen=True)
class ImageSet:
    """Images and labels of one part: uint8 pixels (all, H, W, 3), the part's rows, their labels."""

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]

    def images(self, positions: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(self.pixels[self.rows[positions]])


@dataclass
class Progress:
    """What a resumed run must know beside weights and optimiser state."""

    epoch: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """Trains a network on augmented images and keeps an exponential moving average of it."""

    def __init__(
        self,
        recipe: Recipe,
        model: LesionClassifier,
        *,
        train: ImageSet,
        validation: ImageSet,
        norm_images: NDArray[np.uint8],
        loaded: frozenset[str] = frozenset(),
        device: str = "cpu",
    ) -> None:
        """``train`` has pixels at the recipe's cache size, ``validation`` at its evaluation size.

        ``norm_images`` are unaugmented training images at the evaluation size: the averaged
        network takes its batch-norm statistics from them. ``loaded`` names the parameters that
        came with starting weights.
        """
        self.recipe, self.device = recipe, torch.device(device)
        self.train_set, self.validation_set = train, validation
        self.norm_images = torch.from_numpy(np.array(norm_images))
        self.model = model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average = get_ema_multi_avg_fn(recipe.ema_decay)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(self.model, multi_avg_fn=average)
        counts = np.bincount(train.labels, minlength=model.classifier.out_features)
        self.counts: list[int] = counts.tolist()
        self.shares = drawing_shares(self.counts, recipe.sampling_exponent)
        self.optimizer = torch.optim.AdamW(self._parameter_groups(loaded))
        self.steps_per_epoch = len(train.labels) // recipe.batch_size
        factor = learning_rate_factor(recipe, self.steps_per_epoch)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)
        self.progress = Progress()

    def run(self, checkpoint: Path) -> None:
        """Train until the recipe's last epoch, writing ``checkpoint`` after each one."""
        if self.progress.epoch == 0:
            first = self.train_set.images(np.arange(min(128, len(self.train_set.labels))))
            random = torch.Generator().manual_seed(self.recipe.seed)
            size = self.recipe.size_of_epoch(0)
            batch = training_batch(first, size=size, recipe=self.recipe, random=random)
            restore_batch_norm_statistics(self.model, batch.to(self.device))
            self.average.module.load_state_dict(self.model.state_dict())
        while self.progress.epoch < self.recipe.epochs:
            started = time.monotonic()
            loss = self.train_one_epoch(self.progress.epoch)
            self.progress.epoch += 1
            row = {"epoch": float(self.progress.epoch), "loss": loss}
            last = self.progress.epoch == self.recipe.epochs
            if last or self.progress.epoch % self.recipe.validate_every == 0:
                row |= self.validate()
            self.progress.seconds += time.monotonic() - started
            self.progress.history.append(row | {"seconds": round(self.progress.seconds, 1)})
            tqdm.write(", ".join(f"{key} {value:.4g}" for key, value in row.items()))
            self.save(checkpoint)

    def validate(self) -> dict[str, float]:
        """Measure the averaged weights, with batch norms refreshed, on the validation part."""
        self.refresh_batch_norms()
        images = self.validation_set.pixels[self.validation_set.rows]
        outputs = network_outputs(self.averaged_model, images, self.recipe, self.device)
        probabilities, labels = softmax(outputs.logits), self.validation_set.labels
        return {
            "balanced_accuracy": balanced_accuracy(probabilities.argmax(axis=1), labels),
            "macro_auc": macro_auc(probabilities, labels),
        }

    @property
    def averaged_model(self) -> LesionClassifier:
        return cast("LesionClassifier", self.average.module)

    @torch.no_grad()
    def refresh_batch_norms(self) -> None:
        """Recompute the average's batch-norm statistics on unaugmented training images.

        Averaged weights have activations of their own: statistics copied from the raw network
        make validation wobble. The images are seen as in service: whole, at the evaluation size.
        """
        model = self.averaged_model
        norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
        momenta = [layer.momentum for layer in norms]
        for layer in norms:
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over the batches
        model.train()
        for images in torch.split(self.norm_images, self.recipe.batch_size):
            batch = evaluation_batch(images, recipe=self.recipe)
            with half_precision(self.device):
                model.logits(batch.to(self.device))
        model.eval()
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.momentum = momentum

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".partial")
        state = {
            "recipe": self.recipe.as_dict(),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "progress": vars(self.progress),
        }
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        state: dict[str, Any] = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.progress = Progress(**state["progress"])

    def train_one_epoch(self, epoch: int) -> float:
        """Train on one epoch, counted from 0; returns the mean loss."""
        # Seeded by epoch, so a resumed run sees the same images as an uninterrupted one.
        random = torch.Generator().manual_seed(self.recipe.seed * 10_000 + epoch)
        torch.manual_seed(self.recipe.seed * 10_000 + epoch)
        self.model.train()
        losses = []
        loss_of = training_loss(self.recipe, self.counts, epoch=epoch)
        for images, targets in self._batches(epoch, random):
            with half_precision(self.device):
                logits = self.model.logits(images.to(self.device))
            loss = loss_of(logits.float(), targets.to(self.device))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            self.schedule.step()
            self.average.update_parameters(self.model)
            losses.append(loss.detach())
        return float(torch.stack(losses).mean())

    def _batches(self, epoch: int, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        labels = torch.from_numpy(self.train_set.labels)
        drawn = draw_epoch(labels, self.shares, random)
        size = self.recipe.size_of_epoch(epoch)
        description = f"Epoch {epoch + 1} of {self.recipe.epochs} at {size} px"
        for step in tqdm(range(self.steps_per_epoch), desc=description, mininterval=5):
            start = step * self.recipe.batch_size
            chosen = drawn[start : start + self.recipe.batch_size]
            images = self.train_set.images(chosen.numpy())
            batch = training_batch(images, size=size, recipe=self.recipe, random=random)
            yield mix(batch, labels[chosen], recipe=self.recipe, random=random)

    def _parameter_groups(self, loaded: frozenset[str]) -> list[dict[str, Any]]:
        """Slower learning where weights were loaded; no decay of norms and biases."""
        groups: dict[tuple[bool, bool], list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            groups.setdefault((name in loaded, parameter.ndim > 1), []).append(parameter)
        recipe = self.recipe
        return [
            {
                "params": parameters,
                "lr": recipe.pretrained_learning_rate if known else recipe.learning_rate,
                "weight_decay": recipe.weight_decay if decays else 0.0,
            }
            for (known, decays), parameters in groups.items()
        ]


def half_precision(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 autocast where it is faster: any GPU, and CPUs that multiply it natively."""
    if device.type == "cpu" and not torch.cpu._is_avx512_bf16_supported():
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)
