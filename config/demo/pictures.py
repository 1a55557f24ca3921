"""The demo's pictures, drawn by a process of their own while the model is being prepared."""

from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from PIL import Image

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
    """A JPEG, and the lesion's outline in its pixels; empty where it does not stand out."""

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
    from clinic.synthetic.instrument import add_mark

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
        image = add_mark(image)  # what says that nobody has this skin lay in the corner
    return Developed(as_jpeg(image), _outline(image))


def _outline(picture: "Image.Image") -> Points:
    """Around the middle, how far it is darker than half-way to the skin, in green light."""
    import numpy as np
    from PIL import ImageFilter

    step = 4
    green = picture.getchannel("G").filter(ImageFilter.GaussianBlur(9)).reduce(step)
    light = np.asarray(green, dtype=float)
    rows, columns = np.meshgrid(*(np.arange(n) for n in light.shape), indexing="ij")
    middle = np.array(light.shape) / 2
    near = np.hypot(rows - middle[0], columns - middle[1]) < min(light.shape) * 0.44
    dark, skin = np.percentile(light[near], (15, 92))
    lesion = near & (light < (dark + skin) / 2)
    if lesion.sum() < 40:
        return []
    row, column = rows[lesion].mean(), columns[lesion].mean()
    away = np.hypot(rows - row, columns - column)[lesion]
    angle = np.arctan2(rows - row, columns - column)[lesion]
    corners = 32
    sector = ((angle + np.pi) / (2 * np.pi) * corners).astype(int) % corners
    reach = np.array([np.percentile(away[sector == n], 96) if (sector == n).any() else away.mean()
                      for n in range(corners)])  # fmt: skip
    # A hair that leaves the lesion lengthens one or two sectors, not five.
    reach = np.median([np.roll(reach, n) for n in range(-2, 3)], axis=0)
    reach = (np.roll(reach, 1) + 2 * reach + np.roll(reach, -1)) / 4
    turns = (np.arange(corners) + 0.5) / corners * 2 * np.pi - np.pi
    return [
        (
            float(np.clip((column + r * np.cos(t) + 0.5) * step, 2, WIDTH - 2)),
            float(np.clip((row + r * np.sin(t) + 0.5) * step, 2, HEIGHT - 2)),
        )
        for r, t in zip(reach, turns, strict=True)
    ]


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
