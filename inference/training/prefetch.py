"""The next batch made while this one is trained on."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

END = object()


def prefetched(batches: Iterator[T], *, ahead: int = 2) -> Iterator[T]:
    """The same batches in the same order, made in a thread of their own.

    For GPUs, which train while a CPU reads images and draws their changes; on a CPU both would
    want the same cores. An error of the thread is raised here.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming: deque[Future[T | object]] = deque(
            thread.submit(next, batches, END) for _ in range(ahead)
        )
        while (batch := coming.popleft().result()) is not END:
            coming.append(thread.submit(next, batches, END))
            yield batch  # type: ignore[misc]
