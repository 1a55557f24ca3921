"""The training loop, top to bottom: one recipe, one data set, resumable after every epoch.

A loop of our own, not MONAI's SupervisedTrainer: averaged weights, batch-norm refreshing, mixed
precision and exact resuming would each be a handler there, and the loop would still be to explain.
"""

import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from inference.engine.architectures import LesionClassifier
from inference.training.augmentation import changed, draw_changes, training_batch
from inference.training.averaged_weights import refresh_batch_norms
from inference.training.balance import draw_epoch, drawing_shares
from inference.training.callbacks import Watch, refuse_unknown_callbacks
from inference.training.distributed import Ranks
from inference.training.frozen_backbone import freeze_backbone
from inference.training.image_set import ImageSet
from inference.training.initial_weights import restore_batch_norm_statistics
from inference.training.losses import training_loss
from inference.training.mixing import mix
from inference.training.parameter_groups import parameter_groups
from inference.training.precision import gradient_scaler, half_precision
from inference.training.prefetch import prefetched
from inference.training.progress_file import PROGRESS, ProgressFile
from inference.training.recipe import Recipe
from inference.training.records import DataError
from inference.training.schedules import learning_rate_factor
from inference.training.synchronised_norms import synchronise_batch_norms
from inference.training.validation import validate

ALONE = Ranks()


@dataclass
class Progress:
    """What a resumed run must know beside weights and optimiser state."""

    epoch: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False
    kept_epoch: int = 0  # counted from 1: the epoch whose averaged weights are those to package


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
        ranks: Ranks = ALONE,
    ) -> None:
        """``train`` has pixels at the recipe's cache size, ``validation`` at its evaluation size.

        ``norm_images`` are unaugmented training images at the evaluation size: the averaged
        network takes its batch-norm statistics from them. ``loaded`` names the parameters that
        came with starting weights. Raises DataError for settings that cannot be trained.
        """
        refuse_unknown_callbacks(recipe)
        _refuse_batch_size(recipe, len(train.labels), ranks)
        self.recipe, self.ranks, self.device = recipe, ranks, ranks.device
        self.train_set, self.validation_set = train, validation
        self.norm_images = torch.from_numpy(np.array(norm_images))
        model = synchronise_batch_norms(model, ranks)
        self.model = model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average = get_ema_multi_avg_fn(recipe.ema_decay)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(self.model, multi_avg_fn=average)
        counts = np.bincount(train.labels, minlength=model.classifier.out_features)
        self.counts: list[int] = counts.tolist()
        self.shares = drawing_shares(self.counts, recipe.sampling_exponent)
        self.loaded, self.frozen_epochs = loaded, recipe.frozen_epochs if loaded else 0
        self.optimizer = torch.optim.AdamW(parameter_groups(self.model, recipe, loaded))
        self.scaler = gradient_scaler(self.device)
        self.steps_per_epoch = len(train.labels) // recipe.batch_size
        self.progress, self.watch = Progress(), Watch()
        self.reported: ProgressFile | None = None
        self.best: dict[str, Tensor] | None = None  # averaged weights of the best epoch
        factor = learning_rate_factor(
            recipe, self.steps_per_epoch, frozen_epochs=self.frozen_epochs
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: factor(step) * self.watch.rate_scale
        )

    def run(self, checkpoint: Path) -> None:
        """Train until the recipe's last epoch, writing ``checkpoint`` after each one."""
        if self.ranks.first:
            self.reported = ProgressFile(checkpoint.with_name(PROGRESS), epochs=self.recipe.epochs)
            self.reported.epochs_are(self.progress.history)
        if self.progress.epoch == 0:
            self._start()
        while not self.progress.finished:
            started = time.monotonic()
            loss = self.train_one_epoch(self.progress.epoch)
            row = {"loss": loss, "rate": max(map(float, self.schedule.get_last_lr()))}
            self.progress.epoch += 1
            last = self.progress.epoch == self.recipe.epochs
            if last or self.progress.epoch % self.recipe.validate_every == 0:
                row |= self.validate()
                self._heed(row)
            self.progress.finished = last or self.watch.stops(self.recipe)
            self.progress.seconds += time.monotonic() - started
            self.progress.history.append(
                {"epoch": float(self.progress.epoch)}
                | row
                | {"seconds": round(self.progress.seconds, 1)}
            )
            self._say(row)
            if self.progress.finished:
                self._keep()
            self.save(checkpoint)
            if self.reported:
                self.reported.epochs_are(self.progress.history)

    def _start(self) -> None:
        """All ranks from the same weights, with batch norms that fit them."""
        if self.loaded:
            first = self.train_set.images(np.arange(min(128, len(self.train_set.labels))))
            random = torch.Generator().manual_seed(self.recipe.seed)
            size = self.recipe.size_of_epoch(0)
            batch = training_batch(first, size=size, recipe=self.recipe, random=random)
            restore_batch_norm_statistics(self.model, batch.to(self.device))
        self.ranks.copy_from_first(self.model.state_dict().values())
        self.average.module.load_state_dict(self.model.state_dict())

    def validate(self) -> dict[str, float]:
        """Measure the averaged weights, with batch norms refreshed, on the validation part."""
        refresh_batch_norms(self.averaged_model, self.norm_images, self.recipe, self.ranks)
        return validate(self.averaged_model, self.validation_set, self.recipe, self.ranks)

    @property
    def averaged_model(self) -> LesionClassifier:
        return cast("LesionClassifier", self.average.module)

    def _heed(self, measured: dict[str, float]) -> None:
        better = self.watch.see(measured, epoch=self.progress.epoch, recipe=self.recipe)
        if better and self.recipe.keep == "best":
            self.best = deepcopy(self.average.state_dict())

    def _keep(self) -> None:
        """From now on the averaged weights are those to package."""
        self.progress.kept_epoch = self.progress.epoch
        if self.best:
            self.average.load_state_dict(self.best)
            self.progress.kept_epoch, self.best = self.watch.best_epoch, None

    def save(self, path: Path) -> None:
        if not self.ranks.first:
            return
        partial = path.with_suffix(".partial")
        state = {
            "recipe": self.recipe.as_dict(),
            "loaded": sorted(self.loaded),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "schedule": self.schedule.state_dict(),
            "watch": asdict(self.watch),
            "progress": asdict(self.progress),
        }
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what ``save`` wrote, by however many ranks."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.best = state.get("best")
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state.get("scaler", {}))
        self.schedule.load_state_dict(state["schedule"])
        self.watch = Watch(**state.get("watch", {}))
        self.progress = Progress(**state["progress"])
        self.progress.finished |= self.progress.epoch >= self.recipe.epochs

    def train_one_epoch(self, epoch: int) -> float:
        """Train on one epoch, counted from 0; returns the mean loss."""
        # Seeded by epoch, so a resumed run sees the same images as an uninterrupted one.
        random = torch.Generator().manual_seed(self.recipe.seed * 10_000 + epoch)
        torch.manual_seed(self.recipe.seed * 10_000 + epoch + 1_000_003 * self.ranks.rank)
        self.model.train()
        freeze_backbone(self.model, self.loaded, frozen=epoch < self.frozen_epochs)
        losses = []
        loss_of = training_loss(self.recipe, self.counts, epoch=epoch)
        batches = self._batches(epoch, random)
        if self.device.type != "cpu":
            batches = prefetched(batches)
        for images, targets in batches:
            with half_precision(self.device):
                logits = self.model.logits(images)
            loss = loss_of(logits.float(), targets.to(self.device))
            self.optimizer.zero_grad(set_to_none=True)
            self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            self.ranks.average(p.grad for p in self.model.parameters() if p.grad is not None)
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.schedule.step()
            self.average.update_parameters(self.model)
            losses.append(loss.detach())
        mean = torch.stack(losses).mean()
        self.ranks.average([mean])
        if not math.isfinite(mean):
            raise DataError(
                f"The loss of epoch {epoch + 1} is no number any more: lower the learning rate; "
                f"the checkpoint holds the epoch before."
            )
        return float(mean)

    def _batches(self, epoch: int, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """This rank's share of every batch; the epoch is drawn alike on all ranks."""
        labels = torch.from_numpy(self.train_set.labels)
        drawn = draw_epoch(labels, self.shares, random)
        size = self.recipe.size_of_epoch(epoch)
        description = f"Epoch {epoch + 1} of {self.recipe.epochs} at {size} px"
        quiet = None if self.ranks.first else True  # None: quiet where nobody watches
        for step in tqdm(range(self.steps_per_epoch), description, disable=quiet, leave=False):
            if self.reported:
                self.reported.step(step, self.steps_per_epoch)
            batch = drawn[step * self.recipe.batch_size :][: self.recipe.batch_size]
            changes = draw_changes(len(batch), self.recipe.augmentation, random)
            rows = self.ranks.share_of(len(batch))
            images = self.train_set.images(batch[rows].numpy()).to(self.device)
            pixels = changed(images, changes.part(rows), size=size, recipe=self.recipe)
            yield mix(pixels, labels[batch[rows]], recipe=self.recipe, random=random)

    def _say(self, row: dict[str, float]) -> None:
        if self.ranks.first:
            epoch, size = self.progress.epoch, self.recipe.size_of_epoch(self.progress.epoch - 1)
            figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items())
            seconds = self.progress.seconds
            tqdm.write(
                f"Epoch {epoch} of {self.recipe.epochs} at {size} px: {figures}; {seconds:.0f} s"
            )


def _refuse_batch_size(recipe: Recipe, images: int, ranks: Ranks) -> None:
    if recipe.batch_size % ranks.count:
        raise DataError(
            f"A batch of {recipe.batch_size} images cannot be divided among {ranks.count} "
            f"processes: set batch_size to a multiple of {ranks.count}."
        )
    if images < recipe.batch_size:
        raise DataError(
            f"There are {images} training images, fewer than a batch of {recipe.batch_size}: set "
            f"a smaller batch_size."
        )
