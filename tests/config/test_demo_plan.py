"""The demo's plan names only what exists, so that filling it cannot fail half-way."""

from datetime import date

import pytest

from clinic.bodymap.places import PLACES
from clinic.selectors import selectable_diagnoses
from clinic.synthetic.lesions import DIAGNOSES
from clinic.synthetic.people import make_people
from config.demo.by_hand import NORTHSIDE_CASES, SOUTHSIDE_CASES
from config.demo.past import READERS, WEEKS, plan_past
from config.demo.people import NORTHSIDE, PEOPLE
from config.demo.plan import PlannedCase, planned_case

BY_HAND = [*NORTHSIDE_CASES, *SOUTHSIDE_CASES]
PAST = plan_past(make_people(33, today=date(2026, 1, 1)), first=24, seed=1)
MADE_UP = [planned_case(0, person) for person in make_people(40, today=date(2026, 1, 1))]


@pytest.mark.parametrize("planned", [*BY_HAND, *MADE_UP, *PAST])
def test_every_planned_lesion_has_a_place_and_a_picture(planned: PlannedCase) -> None:
    for lesion in planned.lesions:
        assert lesion.place in PLACES
        assert lesion.looks_like in DIAGNOSES


def test_every_planned_read_is_one_that_the_workflow_takes(db: None) -> None:
    known = set(selectable_diagnoses().values_list("code", flat=True))
    read = [planned for planned in [*BY_HAND, *PAST] if planned.reads]
    assert len(read) > 40
    for planned in read:
        said = [*planned.reads, *([planned.amended] if planned.amended else [])]
        assert {one.code for one in said} <= known
        assert {one.changed_to for one in said} - {""} <= known
        readers = [one.reader for one in planned.reads]
        assert len(set(readers)) == len(readers)
        assert set(readers) <= set(range(READERS))
        assert not planned.pathology or planned.pathology in known


def test_northside_has_a_third_dermatologist_for_adjudications() -> None:
    roles = [person.role for person in PEOPLE if person.organisation == NORTHSIDE]
    assert roles.count("dermatologist") == READERS


def test_the_past_covers_its_weeks_and_has_lesions_seen_again() -> None:
    weeks = {case.waiting.days // 7 for case in PAST}
    assert set(range(1, WEEKS)) <= weeks
    seen: dict[tuple[int, str], int] = {}
    for case in PAST:
        for lesion in case.lesions:
            if lesion.name:
                seen[case.person, lesion.name] = seen.get((case.person, lesion.name), 0) + 1
    assert sorted(set(seen.values())) == [2, 3]
    again = plan_past(make_people(33, today=date(2026, 1, 1)), first=24, seed=1)
    assert again == PAST
