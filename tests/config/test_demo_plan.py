"""The demo's plan names only what exists, so that filling it cannot fail half-way."""

from datetime import date

import pytest

from clinic.bodymap.places import PLACES
from clinic.selectors import selectable_diagnoses
from clinic.synthetic.lesions import DIAGNOSES
from clinic.synthetic.people import make_people
from config.demo.plan import NORTHSIDE_CASES, SOUTHSIDE_CASES, PlannedCase, planned_case

BY_HAND = [*NORTHSIDE_CASES, *SOUTHSIDE_CASES]
MADE_UP = [planned_case(0, person) for person in make_people(40, today=date(2026, 1, 1))]


@pytest.mark.parametrize("planned", [*BY_HAND, *MADE_UP])
def test_every_planned_lesion_has_a_place_and_a_picture(planned: PlannedCase) -> None:
    for lesion in planned.lesions:
        assert lesion.place in PLACES
        assert lesion.looks_like in DIAGNOSES


def test_every_planned_signature_names_a_diagnosis_for_each_lesion(db: None) -> None:
    known = set(selectable_diagnoses().values_list("code", flat=True))
    signed = [planned for planned in BY_HAND if planned.signed_as]
    assert signed
    for planned in signed:
        assert {code for code, _, _ in planned.signed_as} <= known
        assert len(planned.signed_as) == len(planned.lesions)
        assert not planned.pathology or planned.pathology in known
