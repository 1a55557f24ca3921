"""Half precision where it is faster, single precision where it is not."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch


def half_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Autocast: bfloat16 where the chip multiplies it natively, else float16 on GPUs.

    Single precision on CPUs without bfloat16, where it would only be slower.
    """
    if device.type == "cpu" and not torch.cpu._is_avx512_bf16_supported():
        return nullcontext()
    return torch.autocast(device.type, dtype=_half(device))


def gradient_scaler(device: torch.device) -> torch.amp.GradScaler:
    """Keeps small gradients above float16's smallest number; passes bfloat16's through."""
    return torch.amp.GradScaler(device.type, enabled=_half(device) == torch.float16)


def _half(device: torch.device) -> torch.dtype:
    without = device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.float16 if without else torch.bfloat16
