"""How the C library hands out memory while training on a CPU."""

import ctypes
import ctypes.util

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h of glibc


def keep_freed_memory() -> None:
    """Let glibc keep what torch frees: a step's activations are needed again in the next step.

    By default every large tensor is mapped and unmapped anew, and its pages are zeroed each time:
    a quarter of the training time on a CPU. Does nothing where the C library is not glibc.
    """
    library = ctypes.util.find_library("c")
    mallopt = getattr(ctypes.CDLL(library), "mallopt", None) if library else None
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
