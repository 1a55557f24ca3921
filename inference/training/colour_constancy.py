"""Shades of gray: the picture as if taken under neutral light (Finlayson and Trezzi, CIC 2004)."""

from torch import Tensor

MINKOWSKI_NORM = 6  # best in the paper, and on dermoscopy (Barata et al., IEEE JBHI 2015)


def shades_of_gray(pixels: Tensor) -> Tensor:
    """Divide each channel of (N, 3, H, W), from 0 to 1, by its estimated light.

    The light is the Minkowski mean of a channel: between the mean (grey world) and the maximum
    (white patch). A gain is one for grey light, so brightness stays about what it was.
    """
    light = pixels.pow(MINKOWSKI_NORM).mean(dim=(2, 3), keepdim=True).pow(1 / MINKOWSKI_NORM)
    light = light.clamp(min=1e-4)
    neutral = light.pow(2).mean(dim=1, keepdim=True).sqrt()
    return (pixels * (neutral / light)).clamp(0, 1)
