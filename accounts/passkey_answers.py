"""What a browser sends as a passkey's answer: checked before the library parses it.

The library makes `bytes` of whatever stands in the answer: for the number 10**12, a terabyte of
them. Anybody may post one to the sign-in, so only text comes through.
"""

import struct
from typing import Any

LONGEST = 64 * 1024
DEEPEST = 4
# What the parsers raise on text that is no answer; nesting without end is the last of them.
MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    struct.error,
    RecursionError,
)


def is_passkey_answer(sent: object) -> bool:
    """Whether it is an object of texts, with the parts that every answer has."""
    return (
        isinstance(sent, dict)
        and isinstance(sent.get("rawId"), str)
        and isinstance(sent.get("response"), dict)
        and _only_text(sent, DEEPEST)
    )


def _only_text(value: Any, depth: int) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= LONGEST
    if depth and isinstance(value, dict):
        return all(_only_text(part, depth - 1) for part in value.values())
    if depth and isinstance(value, list):
        return all(isinstance(part, str) and len(part) <= LONGEST for part in value)
    return False
