"""The demo's pictures, drawn by a process of their own while the model is being prepared."""

from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Self

Points = list[tuple[float, float]]
# Smaller than a camera's, so that forty past cases open as fast as ten did.
WIDTH, HEIGHT = 800, 600
# A dermatoscope that shows 16 mm of skin across the picture.
PIXEL_SPACING_UM = 16_000 / WIDTH


@dataclass(frozen=True)
class Shot:
    """One picture: the same for a seed. `nearer` enlarges the lesion, 1.1 by a tenth in diameter;
    `turn` is by how many degrees the camera was held otherwise."""

    kind: str
    seed: int
    looks_like: str
    fitzpatrick: int
    nearer: float = 1.0
    turn: float = 0.0


@dataclass(frozen=True)
class Developed:
    """A JPEG, and the lesion's outline in its pixels (an ellipse of the dark part)."""

    content: bytes
    outline: Points


def develop(shot: Shot) -> Developed:
    """Draw a picture; numpy comes with the worker's libraries."""
    from PIL import Image

    from clinic.synthetic.dermoscopy import (
        as_jpeg,
        make_close_up,
        make_dermoscopic_image,
        make_overview,
    )

    makers = {
        "dermoscopic": make_dermoscopic_image,
        "close_up": make_close_up,
        "overview": make_overview,
    }
    image = makers[shot.kind](
        shot.seed,
        width=WIDTH,
        height=HEIGHT,
        diagnosis=shot.looks_like,
        fitzpatrick=shot.fitzpatrick,
    )
    if shot.nearer != 1 or shot.turn:
        # A turned picture has corners without skin, so a later visit is never framed as wide.
        image = image.rotate(shot.turn, Image.Resampling.BICUBIC)
        inner = 0.86 / shot.nearer
        left, top = WIDTH * (1 - inner) / 2, HEIGHT * (1 - inner) / 2
        box = (left, top, WIDTH - left, HEIGHT - top)
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=box)
    return Developed(as_jpeg(image), _outline(image.convert("L")))


def _outline(grey: "object") -> Points:
    """An ellipse with the middle, the axes and the area of what is darker than the skin around."""
    import numpy as np
    from PIL import Image

    assert isinstance(grey, Image.Image)  # noqa: S101 - tells the type checker
    step = 8
    small = np.asarray(grey.reduce(step), dtype=float)
    rows, columns = np.meshgrid(*(np.arange(n) for n in small.shape), indexing="ij")
    middle = (small.shape[0] / 2, small.shape[1] / 2)
    near = np.hypot(rows - middle[0], columns - middle[1]) < min(small.shape) * 0.46
    dark = near & (small < (small[near].min() + np.median(small[near])) / 2 + 6)
    points = np.stack([columns[dark], rows[dark]]).astype(float) * step + step / 2
    if points.shape[1] < 20:
        return []
    spread, axes = np.linalg.eigh(np.cov(points))
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)]) * (2 * np.sqrt(spread))[:, None]
    ellipse = (axes @ circle).T + points.mean(axis=1)
    return [(float(np.clip(x, 2, WIDTH - 2)), float(np.clip(y, 2, HEIGHT - 2))) for x, y in ellipse]


class Darkroom:
    """Develops what was ordered beside the program that ordered it."""

    def __init__(self) -> None:
        # spawn: the program has connections and threads that a fork would share.
        self._processes = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
        self._ordered: dict[Shot, Future[Developed]] = {}

    def order(self, shots: Iterable[Shot]) -> None:
        """Begin with pictures that will be wanted, in this order."""
        for shot in shots:
            if shot not in self._ordered:
                self._ordered[shot] = self._processes.submit(develop, shot)

    def developed(self, shot: Shot) -> Developed:
        """Wait for a picture; the one waiting draws what was not begun."""
        future = self._ordered.get(shot)
        if future is None or future.cancel():
            return develop(shot)
        return future.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._processes.shutdown(wait=True, cancel_futures=True)
