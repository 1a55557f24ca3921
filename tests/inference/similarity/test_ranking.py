"""Who is nearest, and who comes first in a tie."""

import math
from array import array
from uuid import UUID

from inference.similarity.ranking import Candidate, cosine_distance, nearest_lesions

ASKED = array("f", [1.0, 0.0])


def candidate(image: int, lesion: int, *values: float) -> Candidate:
    length = math.hypot(*values)
    vector = array("f", [value / length for value in values])
    return Candidate(UUID(int=image), UUID(int=lesion), vector)


def test_the_same_direction_is_at_no_distance_and_the_opposite_one_at_two() -> None:
    assert cosine_distance(ASKED, ASKED) == 0
    assert cosine_distance(ASKED, array("f", [0.0, 1.0])) == 1
    assert cosine_distance(ASKED, array("f", [-1.0, 0.0])) == 2


def test_each_lesion_comes_once_with_its_nearest_image() -> None:
    rows = [candidate(1, 10, 1, 1), candidate(2, 10, 3, 1), candidate(3, 11, 1, 2)]
    found = nearest_lesions(ASKED, rows, 5)
    assert [(row.image.int, row.lesion.int) for row in found] == [(2, 10), (3, 11)]


def test_of_equally_far_images_the_smaller_key_comes_first_in_whatever_order_they_are_given() -> (
    None
):
    rows = [candidate(key, lesion, 1, 1) for key, lesion in ((9, 1), (3, 2), (7, 3), (5, 1))]
    expected = [(3, 2), (5, 1), (7, 3)]
    for given in (rows, rows[::-1], sorted(rows, key=lambda row: row.image)):
        found = nearest_lesions(ASKED, given, 3)
        assert [(row.image.int, row.lesion.int) for row in found] == expected
