"""From a browser's target to a region: what is taken, what is refused, and that nothing breaks."""

from math import cos, sin
from typing import Any

import pytest

from clinic.annotation.refusals import RegionRefused
from clinic.annotation.region import MOST_POINTS, Region, read_target

WIDTH, HEIGHT = 600, 450
NAMESPACE = "http://www.w3.org/2000/svg"


def rectangle(value: str) -> dict[str, Any]:
    return {"selector": {"type": "FragmentSelector", "value": value}}


def svg(inside: str, attributes: str = "") -> dict[str, Any]:
    value = f"<svg{attributes}>{inside}</svg>"
    return {"selector": {"type": "SvgSelector", "value": value}}


def region(target: Any) -> Region:
    return read_target(target, width=WIDTH, height=HEIGHT)


def refused(target: Any) -> str:
    with pytest.raises(RegionRefused) as caught:
        region(target)
    assert caught.value.reason.endswith(".")
    return caught.value.code.removeprefix("annotation_")


# ---- What is taken -----------------------------------------------------------------------------


def test_a_rectangle_is_kept_as_a_media_fragment_and_as_four_corners() -> None:
    found = region(rectangle("xywh=pixel:10.5,20,100,50"))
    assert found.selector == {
        "type": "FragmentSelector",
        "conformsTo": "http://www.w3.org/TR/media-frags/",
        "value": "xywh=pixel:10.5,20,100,50",
    }
    assert found.points == [(10.5, 20), (110.5, 20), (110.5, 70), (10.5, 70)]


@pytest.mark.parametrize(
    "drawn",
    [
        '<polygon points="10,10 60,10 60,40" />',
        "<polygon points='10 10 60 10 60 40'/>",
        '<polygon points="10,10,60,10,60,40"></polygon>',
        '<polyline points="10,10 60,10 60,40 10,10" />',
        '<g><polygon points="10,10 60,10 60,40" class="a" fill-rule="evenodd"/></g>',
        '<path d="M 10 10 L 60 10 L 60 40 Z" />',
        '<path d="M10,10L60,10 60,40Z" />',
        '<path d="M10 10 60 10 60 40" />',
        '<path d="m10 10 h50 v30 z" />',
        '<path d="M10 10 H60 V40 Z" />',
        '\n <polygon points="1e1,10.0 6E1,10 60,+40"\t/> ',
    ],
)
def test_the_same_triangle_in_many_spellings_is_kept_in_one(drawn: str) -> None:
    found = region(svg(drawn))
    assert found.points == [(10, 10), (60, 10), (60, 40)]
    value = f'<svg xmlns="{NAMESPACE}"><polygon points="10,10 60,10 60,40" /></svg>'
    assert found.selector == {"type": "SvgSelector", "value": value}


def test_the_outer_namespace_may_be_given() -> None:
    drawn = '<polygon points="10,10 60,10 60,40" />'
    assert region(svg(drawn, f' xmlns="{NAMESPACE}"')) == region(svg(drawn))


def test_an_ellipse_stays_an_ellipse_and_a_circle_becomes_one() -> None:
    found = region(svg('<circle cx="100" cy="100" r="40" />'))
    assert found == region(svg('<ellipse cx="100" cy="100" rx="40" ry="40" />'))
    value = f'<svg xmlns="{NAMESPACE}"><ellipse cx="100" cy="100" rx="40" ry="40" /></svg>'
    assert found.selector["value"] == value
    assert all(39.9 < ((x - 100) ** 2 + (y - 100) ** 2) ** 0.5 < 40.1 for x, y in found.points)


def test_a_turned_rectangle_keeps_its_turn() -> None:
    turned = '<rect x="100" y="100" width="80" height="40" transform="rotate(90 140 120)" />'
    found = region(svg(turned))
    assert turned in found.selector["value"]
    assert set(found.points) == {(120, 80), (160, 80), (160, 160), (120, 160)}
    upright = turned.replace("rotate(90 ", "rotate(360 ")
    assert region(svg(upright)) == region(rectangle("xywh=pixel:100,100,80,40"))


def test_a_curve_becomes_short_straight_lines() -> None:
    # Four Bézier quarters: a circle of radius 50 about (100, 100).
    k = 27.614
    quarter = f"c0,{k} {k - 50},50 -50,50"
    drawn = (
        f'<path d="M150 100 {quarter} C{100 - k},150 50,{100 + k} 50,100 '
        f'C50,{100 - k} {100 - k},50 100,50 C{100 + k},50 150,{100 - k} 150,100 Z" />'
    )
    points = region(svg(drawn)).points
    assert len(points) == 64
    assert all(49.9 < ((x - 100) ** 2 + (y - 100) ** 2) ** 0.5 < 50.1 for x, y in points)
    quadratic = region(svg('<path d="M10 10 Q60 60 110 10 Z" />')).points
    assert (60, 35) in quadratic


def test_an_outline_may_cross_itself() -> None:
    assert len(region(svg('<polygon points="10,10 60,60 60,10 10,60" />')).points) == 4


def test_a_target_may_stand_in_lists_and_what_else_it_claims_is_dropped() -> None:
    selector = {"type": "FragmentSelector", "value": "xywh=pixel:1,1,9,9", "creator": "Eve"}
    claimed = [{"source": "https://elsewhere.example/", "selector": [selector]}]
    assert region(claimed) == region(rectangle("xywh=pixel:1,1,9,9"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rectangle("xywh=pixel:-0.8,-1,600,451"), "xywh=pixel:0,0,599.2,450"),
        (rectangle("xywh=pixel:0,0,601,450"), "xywh=pixel:0,0,600,450"),
        (
            svg('<polygon points="-1,0 601,0 300,451" />'),
            f'<svg xmlns="{NAMESPACE}"><polygon points="0,0 600,0 300,450" /></svg>',
        ),
        (
            svg('<ellipse cx="50" cy="225" rx="51" ry="20" />'),
            f'<svg xmlns="{NAMESPACE}"><ellipse cx="50.5" cy="225" rx="50.5" ry="20" /></svg>',
        ),
    ],
)
def test_what_reaches_a_pixel_over_the_edge_is_moved_onto_it(sent: Any, kept: str) -> None:
    found = region(sent)
    assert found.selector["value"] == kept
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found.points)


def test_as_many_points_as_are_allowed_are_taken() -> None:
    # A spiral of sixty turns, as somebody might shade a region.
    pairs = " ".join(
        f"{300 + i / 100 * cos(i / 53):.9f},{225 + i / 100 * sin(i / 53):.9f}"
        for i in range(MOST_POINTS)
    )
    assert len(region(svg(f'<polygon points="{pairs}" />')).points) == MOST_POINTS


# ---- What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [None, 7, "xywh=pixel:1,1,2,2", [], {}, {"selector": None}, {"selector": []},
     {"selector": [{}, {}]}, [{}, {}], {"selector": "xywh=pixel:1,1,2,2"}],
)  # fmt: skip
def test_a_target_without_a_selector_is_refused(target: Any) -> None:
    assert refused(target) in {"target", "selector"}


@pytest.mark.parametrize(
    "selector",
    [
        {"type": "PointSelector", "value": "xywh=pixel:1,1,2,2"},
        {"type": "FragmentSelector"},
        {"type": "FragmentSelector", "value": 7},
        {"type": ["FragmentSelector"], "value": "xywh=pixel:1,1,2,2"},
        {"type": "FragmentSelector", "value": "xywh=pixel:1,1,2,2", "refinedBy": {}},
    ],
)
def test_a_selector_of_another_kind_is_refused(selector: dict[str, Any]) -> None:
    assert refused({"selector": selector}) == "selector"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("xywh=percent:1,1,2,2", "fragment"), ("xywh=1,1,2,2", "fragment"),
        ("#xywh=pixel:1,1,2,2", "fragment"), ("xywh=pixel:1,1,2", "fragment"),
        ("xywh=pixel:1,1,2,2,2", "fragment"), ("xywh=pixel:1,1,2,2&t=1", "number"),
        ("xywh=pixel:nan,1,2,2", "number"), ("xywh=pixel:inf,1,2,2", "number"),
        ("xywh=pixel:1e999,1,2,2", "number"), ("xywh=pixel:0x1,1,2,2", "number"),
        ("xywh=pixel:1_0,1,2,2", "number"), ("xywh=pixel:١,1,2,2", "number"),
        ("xywh=pixel:1,1,,2", "number"), (f"xywh=pixel:{'0' * 40}1,1,2,2", "number"),
        ("xywh=pixel:1,1,0,2", "empty"), ("xywh=pixel:1,1,2,-2", "empty"),
        ("xywh=pixel:1,1,0.0001,2", "empty"), ("xywh=pixel:1,1,600.5,2", "outside"),
        ("xywh=pixel:-1.5,1,2,2", "outside"), ("xywh=pixel:600,1,2,2", "outside"),
    ],
)  # fmt: skip
def test_a_fragment_that_is_no_rectangle_on_the_image_is_refused(value: str, code: str) -> None:
    assert refused(rectangle(value)) == code


TRIANGLE = '<polygon points="10,10 60,10 60,40" />'


@pytest.mark.parametrize(
    "value",
    [
        "", "<svg>", "<svg></svg>", "<svg/>", TRIANGLE, f"<svg>{TRIANGLE}", f"{TRIANGLE}</svg>",
        f"<svg>{TRIANGLE}</g></svg>", f"<svg>{TRIANGLE}</svg>more", f"more<svg>{TRIANGLE}</svg>",
        f"<svg>words{TRIANGLE}</svg>", f"<svg><svg>{TRIANGLE}</svg></svg>",
        f"<svg><g><g>{TRIANGLE}</g></g></svg>", f"<svg>{TRIANGLE}<g></g></svg>",
        f"<?xml version='1.0'?><svg>{TRIANGLE}</svg>", f"<svg><!-- -->{TRIANGLE}</svg>",
        f"<!DOCTYPE svg><svg>{TRIANGLE}</svg>",
        f'<!DOCTYPE svg [<!ENTITY a "1,1 ">]><svg>{TRIANGLE}</svg>',
        '<svg><polygon points="&a;10,10 60,10 60,40" /></svg>',
        '<svg><polygon points="&#49;0,10 60,10 60,40" /></svg>',
        "<svg><![CDATA[<polygon points='10,10 60,10 60,40'/>]]></svg>",
        '<svg><polygon points="10,10 60,10 60,40" points="1,1 2,1 2,2" /></svg>',
        '<svg><polygon points="10,10 60,10 60,40" onload="alert(1)" /></svg>',
        '<svg><polygon points="10,10 60,10 60,40" style="fill:url(//x)" /></svg>',
        '<svg><polygon points="10,10 60,10 60,40" transform="scale(2)" /></svg>',
        '<svg viewBox="0 0 1 1"><polygon points="10,10 60,10 60,40" /></svg>',
        f'<svg onload="alert(1)">{TRIANGLE}</svg>', f'<svg xmlns="urn:other">{TRIANGLE}</svg>',
        '<svg><g transform="scale(9)"><polygon points="10,10 60,10 60,40" /></g></svg>',
        '<svg><rect x="1" y="1" width="9" height="9" transform="rotate(9 0 0)" /></svg>',
        '<svg><rect x="1" y="1" width="9" height="9" transform="skewX(9)" /></svg>',
        '<svg><path d="L1 1 2 2 3 1Z" /></svg>', '<svg><path d="M1 1 L2" /></svg>',
        '<svg><path d="M1 1 L2 2 3 1 Z 5" /></svg>', '<svg><path d="hello" /></svg>',
        '<svg><path d="M1 1 H Z" /></svg>', '<svg><path d="M1 1 L2 2 3 1 Z Z" /></svg>',
    ],
)  # fmt: skip
def test_a_drawing_that_says_more_or_less_than_one_shape_is_refused(value: str) -> None:
    found = refused({"selector": {"type": "SvgSelector", "value": value}})
    assert found in {"svg", "shape"}


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (TRIANGLE + TRIANGLE, "shape"), ("<script />", "shape"), ("<image />", "shape"),
        ('<line x1="1" y1="1" x2="9" y2="9" />', "shape"), ("<text>Hello</text>", "shape"),
        ('<path d="M1 1 9 1 9 9 Z M20 20 30 20 30 30 Z" />', "shape"),
        ('<path d="M1 1 9 1 9 9 M20 20 30 20 30 30 Z" />', "shape"),
        ('<path d="M1 1 A5 5 0 1 1 9 9 Z" />', "shape"),
        ('<path d="M1 1 S5 5 9 1 Z" />', "shape"),
        ('<rect x="1" y="1" width="9" height="9" rx="3" />', "shape"),
        ('<polygon points="10,10 60,10 60" />', "number"),
        ('<polygon points="10,10 60,10 60,NaN" />', "number"),
        ('<polygon points="10,10 60,10 60,40," />', "number"),
        ('<polygon points="10,,10 60,10 60,40" />', "number"),
        ('<circle cx="10" cy="10" r="ten" />', "number"),
        ("<polygon />", "empty"), ('<polygon points="" />', "empty"),
        ('<polygon points="10,10 60,10" />', "empty"),
        ('<polygon points="10,10 60,10 30,10" />', "empty"),
        ('<polygon points="10,10 10,10 10,10" />', "empty"),
        ('<circle cx="10" cy="10" r="0" />', "empty"),
        ('<ellipse cx="10" cy="10" rx="5" ry="-5" />', "empty"),
        ('<path d="M1 1" />', "empty"), ("<path />", "empty"),
        ('<circle cx="10" cy="10" r="12" />', "outside"),
        ('<polygon points="10,10 60,10 60,452" />', "outside"),
    ],
)  # fmt: skip
def test_a_shape_that_cannot_be_kept_is_refused(inside: str, code: str) -> None:
    assert refused(svg(inside)) == code


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    pairs = "1,1 " * MOST_POINTS + "9,1 9,9"
    assert refused(svg(f'<polygon points="{pairs}" />')) == "size"
    assert refused(svg(f'<path d="M{pairs}" />')) == "size"
    assert refused(svg(" " * 1_000_001)) == "size"
    zigzag = " ".join(f"{i % 600},{i % 2 * 450}" for i in range(500))
    assert refused(svg(f'<polygon points="{zigzag}" />')) == "size"
    curves = "C1 1 2 2 3 3 " * 2000
    assert refused(svg(f'<path d="M1 1{curves}" />')) == "size"
