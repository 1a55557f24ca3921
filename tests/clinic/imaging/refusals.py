"""The refusal that a file earns."""

import pytest

from clinic.imaging import DEFAULT_LIMITS, ImageRefused, Limits, inspect_image


def refusal(content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> ImageRefused:
    """What the guard says to a file that it must not take; fails when it takes it."""
    with pytest.raises(ImageRefused) as caught:
        inspect_image(content, limits=limits)
    return caught.value
