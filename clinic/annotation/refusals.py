"""Why a region is not taken."""

from typing import Literal

Reason = Literal[
    "target", "selector", "fragment", "svg", "shape", "number", "size", "outside", "empty"
]


class RegionRefused(ValueError):
    """`reason` is a sentence for the person who drew it, `code` is stable for programs."""

    def __init__(self, code: Reason, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = f"annotation_{code}", reason
