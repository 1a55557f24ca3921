"""Smooth random fields: the cloth that skin and lesions are cut from.

Arrays are float32, shape (height, width). The same generator state gives the same field.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]
Shape = tuple[int, int]

_TILE = 240


def noise(rng: np.random.Generator, shape: Shape, cells: float) -> Field:
    """Values in about -1 to 1 that change over `1/cells` of the shorter side."""
    height, width = shape
    step = min(shape) / cells
    grid = (max(2, round(height / step) + 1), max(2, round(width / step) + 1))
    coarse = Image.fromarray(rng.uniform(-1, 1, grid).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


def cloud(
    rng: np.random.Generator, shape: Shape, cells: float, octaves: int = 3, fading: float = 0.5
) -> Field:
    """Noise at several scales, each `fading` times as strong as the one before."""
    total = noise(rng, shape, cells)
    strength = 1.0
    for octave in range(1, octaves):
        strength *= fading
        total = total + strength * noise(rng, shape, cells * 2**octave)
    return total


def plane(shape: Shape) -> tuple[Field, Field]:
    """x and y of every pixel from the middle, in halves of the shorter side."""
    height, width = shape
    half = min(shape) / 2
    y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / half
    x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / half
    return np.broadcast_to(x, shape), np.broadcast_to(y[:, None], shape)


def step(field: Field, low: float, high: float) -> Field:
    """0 below `low`, 1 above `high`, smooth in between (downwards when `low` > `high`)."""
    t = np.clip((field - low) / (high - low), 0, 1)
    smooth: Field = t * t * (3 - 2 * t)
    return smooth


def honeycomb(
    rng: np.random.Generator, shape: Shape, spacing: float, warp: float = 0.35
) -> tuple[Field, Field]:
    """Lines of an irregular net (1 on a line, 0 within a hole) and a value for each hole.

    `spacing`: px from hole to hole. The tile is laid out bent, so that it never shows.
    """
    lines, holes = _cellular_tile(int(rng.integers(8)))
    scale = _TILE / 15 / spacing
    x, y = plane(shape)
    half = min(shape) / 2
    bend = spacing * warp * 2
    angle = rng.uniform(0, 2 * np.pi)
    across = (x * half + bend * noise(rng, shape, 7)) * scale
    down = (y * half + bend * noise(rng, shape, 7)) * scale
    column = (across * np.cos(angle) - down * np.sin(angle)).astype(np.int32) % _TILE
    row = (across * np.sin(angle) + down * np.cos(angle)).astype(np.int32) % _TILE
    return lines[row, column], holes[row, column]


@lru_cache(maxsize=8)
def _cellular_tile(seed: int) -> tuple[Field, Field]:
    """Worley's cellular texture (SIGGRAPH 1996) on a torus: borders of 15 x 15 jittered cells."""
    rng = np.random.default_rng(seed)
    cells = 15
    points = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), -1) + rng.uniform(
        0.15, 0.85, (cells, cells, 2)
    )
    values = rng.uniform(0, 1, (cells, cells)).astype(np.float32)
    position = np.arange(_TILE) / _TILE * cells
    px, py = np.meshgrid(position, position)
    cell_x, cell_y = px.astype(int), py.astype(int)
    nearest = np.full((_TILE, _TILE), 9.0)
    second = np.full((_TILE, _TILE), 9.0)
    value = np.zeros((_TILE, _TILE), np.float32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            column, row = (cell_x + dx) % cells, (cell_y + dy) % cells
            point = points[row, column]
            away_x = point[..., 0] + (cell_x + dx - column) - px
            away_y = point[..., 1] + (cell_y + dy - row) - py
            distance = np.hypot(away_x, away_y)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            value = np.where(closer, values[row, column], value)
            nearest = np.where(closer, distance, nearest)
    lines = 1 - step((second - nearest).astype(np.float32), 0.02, 0.34)
    return lines, value
