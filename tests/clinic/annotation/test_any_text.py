"""Whatever is sent, the answer is a region on the image or a refusal: never another exception."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.annotation.refusals import RegionRefused
from clinic.annotation.region import Region, read_target

WIDTH, HEIGHT = 300, 200
WHOLE = [
    "xywh=pixel:10,20,30,40",
    '<svg><polygon points="10,10 60,10 60,40" /></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M1 1 L9 1 9 9 C1 2 3 4 5 6 Z"/></g></svg>',
    '<svg><ellipse cx="50" cy="60" rx="20" ry="9" transform="rotate(30 50 60)" /></svg>',
    '<svg><rect x="50" y="60" width="20" height="9" transform="rotate(30 60 64.5)" /></svg>',
]
HOSTILE = [
    "<!DOCTYPE", "<!ENTITY", "&lol;", "<script>alert(1)</script>", "onload=", "javascript:",
    "NaN", "Infinity", "-1e999", "1e-400", "\x00", "\ud800", "\u202e", "%00", "]]>", "<!--",
    " " * 5000, "9" * 400, "<g>" * 200, "M" * 300, "-" * 300, "1e" * 100,
]  # fmt: skip


def answer(target: Any) -> Region | None:
    try:
        found = read_target(target, width=WIDTH, height=HEIGHT)
    except RegionRefused:
        return None
    assert all(math.isfinite(x) and 0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found.points)
    return found


def sent(value: Any, kind: str) -> dict[str, Any]:
    return {"selector": {"type": kind, "value": value}}


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """One of the right selectors, with pieces cut out, doubled, or replaced by worse."""
    text = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        put = draw(st.one_of(st.just(""), st.sampled_from(HOSTILE), st.text(max_size=6)))
        text = text[:start] + put + text[end:]
    return text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["selector", "type", "value", "source", "refinedBy"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@settings(max_examples=600, deadline=None)
@given(damaged(), st.sampled_from(["FragmentSelector", "SvgSelector"]))
def test_a_damaged_selector_is_a_region_or_a_refusal(text: str, kind: str) -> None:
    found = answer(sent(text, kind))
    if found is not None:
        kept = json.dumps(found.selector)
        assert not any(word in kept for word in ("script", "onload", "DOCTYPE", "&", "\\u0000"))


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_any_json_is_a_region_or_a_refusal(target: Any) -> None:
    answer(target)


number = st.floats(-20, 320, allow_nan=False).map(lambda value: round(value, 4))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(number, number), min_size=3, max_size=30))
def test_what_is_kept_is_read_again_as_the_same(points: list[tuple[float, float]]) -> None:
    pairs = " ".join(f"{x},{y}" for x, y in points)
    found = answer(sent(f'<svg><polygon points="{pairs}" /></svg>', "SvgSelector"))
    if found is not None:
        again = answer({"selector": found.selector})
        assert again == found


@pytest.mark.parametrize(
    "value",
    [
        "<svg>" + "<g>" * 300_000,
        "<" * 900_000,
        "<svg " + "a='b' " * 150_000 + ">",
        "<svg " + " " * 900_000,
        "<svg><path d='" + "M" * 900_000 + "'/></svg>",
        "<svg><path d='M1 1" + " ,1e1-1" * 130_000 + "'/></svg>",
        "<svg><path d='M1 1" + " " * 900_000 + "x'/></svg>",
        "<svg><polygon points='" + "1" * 900_000 + "'/></svg>",
        "<svg><polygon points='" + "1," * 400_000 + "'/></svg>",
        "<svg><polygon points='" + "." * 900_000 + "'/></svg>",
        "<svg><path d='M1 1" + "H1V2" * 90_000 + "'/></svg>",
    ],
    ids=range(11),
)
def test_a_megabyte_of_the_worst_is_refused_in_one_pass(value: str) -> None:
    """Were any of it quadratic, this test would not end."""
    with pytest.raises(RegionRefused):
        read_target(sent(value, "SvgSelector"), width=WIDTH, height=HEIGHT)
