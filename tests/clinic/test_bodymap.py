"""The body map's places: each has a site of the record, a shape, and a middle that lies in it."""

import re

import pytest

from clinic.bodymap import PLACES, place_of
from clinic.bodymap.drawing import HALF, HEIGHT, WIDTH, mirrored, outline
from clinic.bodymap.places import ON_DRAWING
from clinic.models import BodySide, BodySite, BodyView, Lesion

Polygon = list[tuple[float, float]]


def polygon(path: str) -> Polygon:
    """A path's corners and curve ends, which is near enough to ask what lies inside."""
    points: Polygon = []
    for letter, numbers in re.findall(r"([MLCQ])([^MLCQZ]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        pairs = list(zip(values[::2], values[1::2], strict=True))
        step = {"M": 1, "L": 1, "Q": 2, "C": 3}[letter]
        points += pairs[step - 1 :: step]
    return points


def holds(corners: Polygon, x: float, y: float) -> bool:
    """Ray casting: an odd number of edges to the right."""
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


DRAWN = [place for places in ON_DRAWING.values() for place in places]


@pytest.mark.parametrize("place", DRAWN, ids=[place.key for place in DRAWN])
def test_the_middle_of_a_place_lies_in_it_and_in_the_body(place: object) -> None:
    x, y = place.centre[0] * WIDTH, place.centre[1] * HEIGHT  # type: ignore[attr-defined]
    assert holds(polygon(place.path), x, y)  # type: ignore[attr-defined]
    if place.clipped:  # type: ignore[attr-defined]
        assert holds(polygon(outline()), x, y)


def test_every_place_is_a_site_of_the_record_and_every_fine_site_has_a_place() -> None:
    assert {place.body_site for place in PLACES.values()} == set(BodySite.values)


def test_no_point_of_the_body_lies_outside_every_region() -> None:
    body = polygon(outline())
    for view in BodyView:
        regions = [polygon(place.path) for place in ON_DRAWING[view]]
        missed = [
            (x, y)
            for x in range(0, WIDTH, 3)
            for y in range(0, HEIGHT, 3)
            if holds(body, x, y) and not any(holds(region, x, y) for region in regions)
        ]
        # The corners stand for curves here, so a few points at the seams fall between.
        assert len(missed) < 25, missed


def test_on_the_front_the_patients_left_is_on_the_viewers_right() -> None:
    assert PLACES["front-left-hand"].centre[0] > 0.5  # type: ignore[index]
    assert PLACES["back-left-hand"].centre[0] < 0.5  # type: ignore[index]


def test_mirroring_twice_is_the_same_drawing() -> None:
    path = PLACES["front-left-chest"].path
    assert polygon(mirrored(mirrored(path))) == polygon(path)
    assert HALF[0][0] == HALF[-1][0] == WIDTH / 2


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
def test_a_marked_lesion_is_found_on_its_place_again(place: object) -> None:
    centre = place.centre or (None, None)  # type: ignore[attr-defined]
    lesion = Lesion(
        body_site=place.body_site,  # type: ignore[attr-defined]
        side=place.side_at(centre[0]),  # type: ignore[attr-defined]
        view=place.view,  # type: ignore[attr-defined]
        map_x=centre[0],
        map_y=centre[1],
    )
    assert place_of(lesion) is place


def test_a_site_and_side_that_the_list_does_not_know_has_no_place() -> None:
    assert place_of(Lesion(body_site=BodySite.TRUNK, side=BodySide.LEFT)) is None
