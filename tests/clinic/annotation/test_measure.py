"""Sizes against geometry."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clinic.annotation.measure import longest_diameter, measure
from clinic.annotation.raster import Point
from clinic.annotation.shapes import Ellipse, Rectangle

SQUARE = Rectangle(100, 100, 30, 40).outline()


def test_a_rectangle() -> None:
    size = measure([SQUARE])
    assert size is not None
    assert size.area_px == pytest.approx(1200)
    assert size.diameter_px == pytest.approx(50)
    assert (size.area_mm2, size.diameter_mm) == (None, None)


def test_millimetres_where_the_spacing_is_known() -> None:
    size = measure([SQUARE], spacing_um=20)
    assert size is not None
    assert size.diameter_mm == pytest.approx(1.0)  # 50 px of 20 micrometres
    assert size.area_mm2 == pytest.approx(0.48)


@pytest.mark.parametrize("angle", [0, 30, 77])
def test_an_ellipse_however_it_lies(angle: float) -> None:
    size = measure([Ellipse(900, 900, 400, 250, angle).outline()])
    assert size is not None
    assert size.area_px == pytest.approx(math.pi * 400 * 250, rel=5e-4)
    assert size.diameter_px == pytest.approx(800, rel=1e-3)


def test_a_tiny_lesion_is_measured_as_exactly_as_a_large_one() -> None:
    size = measure([Ellipse(10, 10, 1.5, 1.5).outline()])
    assert size is not None
    assert size.area_px == pytest.approx(math.pi * 1.5**2, rel=0.05)
    triangle = measure([[(0, 0), (1, 0), (0, 1)]])
    assert triangle is not None
    assert triangle.area_px == pytest.approx(0.5, rel=1e-3)


def test_what_two_outlines_share_counts_once_and_the_diameter_reaches_from_end_to_end() -> None:
    beside = Rectangle(115, 100, 30, 40).outline()
    size = measure([SQUARE, beside[::-1]])
    assert size is not None
    assert size.area_px == pytest.approx(45 * 40)
    assert size.diameter_px == pytest.approx(math.hypot(45, 40))


def test_a_loop_that_runs_the_other_way_is_not_taken_off() -> None:
    bow_tie = measure([[(0, 0), (40, 40), (40, 0), (0, 40)]])
    assert bow_tie is not None
    assert bow_tie.area_px == pytest.approx(800, rel=1e-3)


def test_nothing_outlined_has_no_size() -> None:
    assert measure([]) is None
    assert measure([[]]) is None


coordinate = st.integers(-50, 50).map(float)


@settings(deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=40))
def test_the_longest_diameter_is_that_of_all_pairs(points: list[Point]) -> None:
    slow = max(math.dist(a, b) for a in points for b in points)
    assert longest_diameter(points) == pytest.approx(slow)


@settings(deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=3))
def test_the_area_of_any_triangle(corners: list[Point]) -> None:
    (ax, ay), (bx, by), (cx, cy) = corners
    exact = abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / 2
    assume(exact > 0)
    size = measure([corners])
    assert size is not None
    assert size.area_px == pytest.approx(exact, rel=1e-3)
