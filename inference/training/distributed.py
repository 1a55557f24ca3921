"""Training on several processes or machines: who is who, and what they tell each other.

``torchrun`` starts the processes and says to each which one it is. Gradients are averaged by one
all-reduce a step, not by DistributedDataParallel: the networks are small, and without a wrapper
the averaged weights, frozen layers and checkpoints are those of one process, so that a run can go
on with another number of processes.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, distributed

from inference.training.records import DataError

# The first rank may decode images, or answer the images kept apart, while the others wait.
PATIENCE = timedelta(hours=4)
CPU = torch.device("cpu")

T = TypeVar("T")


@dataclass(frozen=True)
class Ranks:
    """This process among the ``count`` that train together; alone, it is the first of one."""

    device: torch.device = CPU
    rank: int = 0
    local_rank: int = 0  # among the processes of this machine
    count: int = 1

    @property
    def first(self) -> bool:
        """The one rank that talks and writes files."""
        return self.rank == 0

    def share_of(self, batch: int) -> slice:
        """This rank's images of a batch; all ranks have equally many, a remainder nobody has."""
        size = batch // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    @torch.no_grad()
    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its mean over the ranks, in one exchange."""
        if self.count == 1:
            return
        parts = list(tensors)
        whole = torch.cat([part.flatten() for part in parts])
        distributed.all_reduce(whole)
        whole /= self.count
        means = torch.split(whole, [part.numel() for part in parts])
        for part, mean in zip(parts, means, strict=True):
            part.copy_(mean.view_as(part))

    @torch.no_grad()
    def copy_from_first(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by the first rank's."""
        if self.count > 1:
            for tensor in tensors:
                distributed.broadcast(tensor, 0)

    def gather(self, value: T) -> list[T]:
        """Every rank's value, in the order of the ranks, on every rank."""
        if self.count == 1:
            return [value]
        values: list[T | None] = [None] * self.count
        distributed.all_gather_object(values, value)
        return values  # type: ignore[return-value]

    def from_first(self, make: Callable[[], T]) -> T:
        """What ``make`` gives on the first rank, which alone calls it."""
        made = [make() if self.first else None]
        if self.count > 1:
            distributed.broadcast_object_list(made, 0)
        return made[0]  # type: ignore[return-value]

    def wait(self) -> None:
        """Go on when all ranks are here."""
        if self.count > 1:
            distributed.barrier()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """The first rank goes first, then the first of every other machine, then all others.

        What the first one wrote, others then find: the split, and each machine's decoded images.
        """
        turn = 0 if self.first else 1 if self.local_rank == 0 else 2
        for now in range(3):
            if now == turn:
                yield
            self.wait()


@contextmanager
def joined_ranks(device: str) -> Iterator[Ranks]:
    """Join the processes that ``torchrun`` started (none but this one without it), and leave them.

    ``device`` is cpu, cuda, or auto: cuda where there is one. Raises DataError.
    """
    kind = "cuda" if device == "auto" and torch.cuda.is_available() else device
    kind = "cpu" if kind == "auto" else kind
    count, rank, local_rank, here = (
        int(os.environ.get(name, default))
        for name, default in (
            ("WORLD_SIZE", 1),
            ("RANK", 0),
            ("LOCAL_RANK", 0),
            ("LOCAL_WORLD_SIZE", 1),
        )
    )
    _refuse_missing_devices(kind, here)
    if count == 1:
        yield Ranks(torch.device(kind))
        return
    own = torch.device(kind, local_rank) if kind == "cuda" else torch.device(kind)
    if kind == "cuda":
        torch.cuda.set_device(own)
    distributed.init_process_group("nccl" if kind == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Ranks(own, rank, local_rank, count)
    finally:
        distributed.destroy_process_group()


def _refuse_missing_devices(kind: str, processes: int) -> None:
    if kind not in {"cpu", "cuda"}:
        raise DataError(f"The device {kind} is none of auto, cpu, cuda.")
    if kind == "cuda" and not torch.cuda.is_available():
        raise DataError("There is no CUDA device here: choose --device cpu.")
    if kind == "cuda" and processes > torch.cuda.device_count():
        raise DataError(
            f"This machine has {torch.cuda.device_count()} CUDA devices: start no more processes "
            f"than that on it, or choose --device cpu."
        )
