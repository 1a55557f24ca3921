"""Reader alone, model alone, reader with model: on the same reads, counted by hand."""

import pytest

from accounts.models import Organisation, User
from clinic.statistics.figures import Figure
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import MELANOMA, NEVUS, Turn, closed_case

pytestmark = pytest.mark.django_db

# How often, first opinion, signed opinion (where changed), the model, and pathology.
RECORD = [
    (5, "nevus", "", NEVUS, "nevus"),
    (1, "melanoma", "nevus", NEVUS, "nevus"),  # wrong to right
    (2, "nevus", "melanoma", MELANOMA, "nevus"),  # right to wrong
    (6, "melanoma", "", MELANOMA, "melanoma"),
    (4, "nevus", "melanoma", MELANOMA, "melanoma"),  # wrong to right
    (2, "nevus", "", NEVUS, "melanoma-in-situ"),
]


@pytest.fixture
def record(northside: Organisation, dana: User) -> None:
    for times, first, final, model, truth in RECORD:
        for _ in range(times):
            closed_case(northside, Turn(dana, first, final, model=model), pathology=truth)


def hits(*figures: Figure) -> list[tuple[int | None, int]]:
    return [(figure.hits, figure.n) for figure in figures]


def value(figure: Figure) -> float | None:
    return figure.estimate.value if figure.estimate else None


def test_the_three_are_scored_on_the_same_reads(record: None, picture: PictureOf) -> None:
    found = picture().of_all.comparison
    assert (found.all, found.compared) == (20, 20)
    three = (found.reader, found.model, found.after)
    assert hits(*(one.sensitivity for one in three)) == [(6, 12), (10, 12), (10, 12)]
    assert hits(*(one.specificity for one in three)) == [(7, 8), (6, 8), (6, 8)]
    assert [value(one.balanced_accuracy) for one in three] == pytest.approx(
        [(7 / 8 + 6 / 12) / 2, (6 / 8 + 10 / 12) / 2, (6 / 8 + 10 / 12) / 2]
    )
    assert {kind.name: n for kind, n in found.classes.items()} == {
        "Melanoma": 12, "Melanocytic nevus": 8,
    }  # fmt: skip


def test_changed_minds_are_judged_by_pathology(record: None, picture: PictureOf) -> None:
    minds = picture().of_all.minds
    assert (minds.changed, minds.shown) == (7, 20)
    for outcome in (minds.diagnosis, minds.malignancy):
        assert (outcome.better, outcome.worse, outcome.neither, outcome.unknown) == (5, 2, 0, 0)


def test_who_changes_only_between_two_wrong_or_two_right_is_neither_better_nor_worse(
    picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(northside, Turn(dana, "nevus", "nevus", model=NEVUS), pathology="nevus")
    closed_case(northside, Turn(dana, "angioma", "nevus", model=NEVUS), pathology="melanoma")
    # Right by malignancy both times, and by diagnosis only the second time.
    closed_case(northside, Turn(dana, "angioma", "nevus", model=NEVUS), pathology="nevus")
    closed_case(northside, Turn(dana, "nevus", "melanoma", model=MELANOMA))
    minds = picture().of_all.minds
    found = [
        (one.better, one.worse, one.neither, one.unknown)
        for one in (minds.diagnosis, minds.malignancy)
    ]
    assert found == [(1, 0, 2, 1), (0, 0, 3, 1)]


def test_what_is_left_out_is_counted_by_its_reason(
    record: None, picture: PictureOf, northside: Organisation, dana: User
) -> None:
    before = picture().of_all.comparison
    closed_case(northside, Turn(dana, model=NEVUS, blind=False), pathology="nevus")
    for _ in range(2):
        closed_case(northside, Turn(dana), pathology="nevus")
    for _ in range(3):
        closed_case(northside, Turn(dana, model=NEVUS))
    found = picture().of_all.comparison
    assert (found.all, found.not_blind, found.not_shown, found.no_truth) == (26, 1, 2, 3)
    assert found.compared == 20
    assert (found.reader, found.model, found.after) == (
        before.reader, before.model, before.after,
    )  # fmt: skip


def test_a_truth_that_no_model_knows_counts_for_malignancy_only(
    record: None, picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(
        northside,
        Turn(dana, "squamous-cell-carcinoma", model=MELANOMA),
        pathology="squamous-cell-carcinoma",
    )
    found = picture().of_all.comparison
    assert (found.compared, found.outside_classes, found.undecided) == (21, 1, 0)
    assert found.reader.balanced_accuracy.n == 20
    assert hits(found.reader.sensitivity, found.model.sensitivity) == [(7, 13), (11, 13)]


def test_an_indeterminate_truth_counts_for_the_diagnosis_only(
    record: None, picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(northside, Turn(dana, "actinic-keratosis", model=NEVUS),
                pathology="actinic-keratosis")  # fmt: skip
    found = picture().of_all.comparison
    assert (found.compared, found.outside_classes, found.undecided) == (21, 0, 1)
    assert (found.reader.balanced_accuracy.n, found.reader.sensitivity.n) == (21, 12)


def test_a_model_without_an_operating_point_has_no_sensitivity_and_neither_has_the_reader(
    record: None, picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(northside, Turn(dana, model={"diagnosis": "nevus", "suspicious": None}),
                pathology="nevus")  # fmt: skip
    found = picture().of_all.comparison
    assert found.undecided == 1
    assert (found.reader.specificity.n, found.reader.balanced_accuracy.n) == (8, 21)


def test_who_knew_more_than_the_picture_is_not_compared(
    record: None, picture: PictureOf, northside: Organisation, dana: User, erin: User, fay: User
) -> None:
    """An adjudicator has seen two opinions, whoever amends the answer."""
    closed_case(northside, Turn(dana, model=NEVUS), Turn(erin, role="second", model=NEVUS),
                Turn(fay, role="adjudication", model=NEVUS),
                Turn(dana, role="amendment", blind=False), pathology="nevus",
                state="amended")  # fmt: skip
    found = picture().of_all.comparison
    assert (found.all, found.compared) == (22, 22)
    assert picture().of_reader(fay.pk).comparison.all == 0


def test_ones_own_figures_are_of_ones_own_reads(
    record: None, picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    closed_case(northside, Turn(erin, "melanoma", model=NEVUS), pathology="nevus")
    assert picture().of_reader(dana.pk).comparison.all == 20
    assert hits(picture().of_reader(erin.pk).comparison.reader.specificity) == [(0, 1)]
    assert picture().of_all.comparison.all == 21
