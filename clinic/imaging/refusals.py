"""Why a file was not taken: one code for the programme, one sentence for the person."""

from enum import StrEnum

ACCEPTED_FORMATS = "JPEG, PNG, WebP and HEIC pictures are accepted"


class RefusalCode(StrEnum):
    """Stable names for the API and the tests; the sentence may be reworded, these may not."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    BOMB = "decompression_bomb"
    NOT_AN_IMAGE = "not_an_image"
    DISGUISED = "disguised"
    POLYGLOT = "polyglot"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNSUPPORTED_COLOURS = "unsupported_colours"
    ANIMATED = "animated"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"


class ImageRefused(Exception):
    """The file is not taken and nothing of it is kept. `reason` is a sentence for the user."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = str(code)

    def __reduce__(self) -> tuple[type["ImageRefused"], tuple[str, str]]:
        return type(self), (self.reason, self.code)


def damaged(what: str) -> ImageRefused:
    """The sentence for a file whose structure contradicts itself; `what` says where."""
    return ImageRefused(
        f"This picture is damaged ({what}): export or copy it again and send the new file.",
        RefusalCode.DAMAGED,
    )


def truncated(kind: str) -> ImageRefused:
    """The sentence for a file that ends before its picture does."""
    return ImageRefused(
        f"This {kind} file ends before its picture does: it was cut off on its way, "
        "so copy it again and send the whole file.",
        RefusalCode.TRUNCATED,
    )
