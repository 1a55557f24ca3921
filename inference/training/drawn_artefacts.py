"""What lies over skin in dermoscopic images: hair, and the dark ring of the dermatoscope's edge.

Drawn over the augmented image in its own coordinates, from -1 to 1 across and down, so that the
look does not depend on the number of pixels. Where nothing is drawn, widths and radii say so.
"""

import math

import torch
from torch import Tensor

HAIRS = 14  # at most, in one image
FEWEST_HAIRS = 3
HAIR_TINT = (1.0, 0.8, 0.65)  # from black to brown

NO_RING = 10.0  # a radius far outside the image


def draw_hairs(count: int, share: float, random: torch.Generator) -> Tensor:
    """Hairs (N, HAIRS, 7): centre (2), angle, half length, bend, half width, brightness.

    A hair of no width is not there. Widths are those of hair in a field of view of about 10 mm.
    """
    if share == 0:
        return torch.zeros(count, HAIRS, 7)
    hairs = torch.rand(count, HAIRS, 7, generator=random)
    low = torch.tensor((-1.0, -1.0, 0.0, 0.3, -0.7, 0.006, 0.02))
    high = torch.tensor((1.0, 1.0, math.pi, 1.5, 0.7, 0.016, 0.3))
    hairs = low + (high - low) * hairs
    number = torch.randint(FEWEST_HAIRS, HAIRS + 1, (count,), generator=random)
    number[torch.rand(count, generator=random) >= share] = 0
    hairs[:, :, 5] *= torch.arange(HAIRS) < number[:, None]
    hairs[:, :, 6] = hairs[:, :1, 6]  # one person's hair has one colour
    return hairs


def add_hairs(pixels: Tensor, hairs: Tensor) -> Tensor:
    """Draw arcs with smooth edges over (N, 3, H, W) from 0 to 1."""
    chosen = torch.nonzero((hairs[:, :, 5] > 0).any(dim=1)).flatten()
    if len(chosen) == 0:
        return pixels
    drawn, chosen = hairs[chosen].to(pixels.device), chosen.to(pixels.device)
    covered = _coverage(drawn, *pixels.shape[2:])
    colour = drawn[:, 0, 6, None] * torch.tensor(HAIR_TINT, device=pixels.device)
    over = pixels[chosen] * (1 - covered) + colour[:, :, None, None] * covered
    return pixels.index_copy(0, chosen, over)


def _coverage(hairs: Tensor, height: int, width: int) -> Tensor:
    """How much of each pixel lies under a hair: (N, 1, H, W) from 0 to 1.

    A hair is the parabola across = bend * along ** 2, turned by its angle; the distance to it is
    the distance across, divided by the slope's length.
    """
    y, x = _coordinates(height, width, hairs.device)
    centre_x, centre_y, angle, reach, bend, half_width, _ = hairs[:, :, :, None, None].unbind(2)
    along = (x - centre_x) * angle.cos() + (y - centre_y) * angle.sin()
    across = (y - centre_y) * angle.cos() - (x - centre_x) * angle.sin()
    distance = (across - bend * along**2).abs() / (1 + (2 * bend * along) ** 2).sqrt()
    pixel = 2 / min(height, width)
    inside = ((half_width - distance) / pixel + 0.5).clamp(min=0)
    inside = inside.minimum(2 * half_width / pixel).clamp(max=1)  # hair thinner than a pixel
    inside = inside * (along.abs() <= reach) * (half_width > 0)
    return inside.amax(dim=1, keepdim=True)


def draw_rings(count: int, share: float, random: torch.Generator) -> Tensor:
    """Rings (N, 5): centre (2), radius, width of the edge, how dark the outside is."""
    if share == 0:
        return torch.full((count, 5), NO_RING)
    rings = torch.rand(count, 5, generator=random)
    low = torch.tensor((-0.15, -0.15, 0.85, 0.02, 0.8))
    high = torch.tensor((0.15, 0.15, 1.3, 0.15, 1.0))
    rings = low + (high - low) * rings
    rings[torch.rand(count, generator=random) >= share, 2] = NO_RING
    return rings


def add_rings(pixels: Tensor, rings: Tensor) -> Tensor:
    """Darken (N, 3, H, W) outside a circle, as a round field of view in a square picture does."""
    chosen = torch.nonzero(rings[:, 2] < NO_RING).flatten()
    if len(chosen) == 0:
        return pixels
    drawn, chosen = rings[chosen].to(pixels.device), chosen.to(pixels.device)
    height, width = pixels.shape[2:]
    y, x = _coordinates(height, width, pixels.device)
    centre_x, centre_y, radius, edge, darkness = drawn[:, :, None, None].unbind(1)
    distance = ((x - centre_x) ** 2 + (y - centre_y) ** 2).sqrt()
    outside = ((distance - radius) / edge + 0.5).clamp(0, 1) * darkness
    return pixels.index_copy(0, chosen, pixels[chosen] * (1 - outside[:, None]))


def _coordinates(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The pixels' centres from -1 to 1: down (H, 1) and across (1, W)."""
    down = (torch.arange(height, device=device) + 0.5) * (2 / height) - 1
    across = (torch.arange(width, device=device) + 0.5) * (2 / width) - 1
    return down[:, None], across[None, :]
