"""Marking a lesion, by click or from the list."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, Lesion
from clinic.services import start_case
from tests.cast import signed_in
from tests.factories import LesionFactory, PatientFactory

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def draft(northside: Organisation, alice: User) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


def entry(draft: Case, **changes: str) -> dict[str, str]:
    return {
        "key": str(uuid.uuid4()),
        "case": str(draft.pk),
        "place": "front-left-forearm",
        "map_x": "0.79",
        "map_y": "0.45",
        "history": "",
        "first_seen_on": "",
        **changes,
    }


def create(draft: Case) -> str:
    return reverse("lesion-create", args=[draft.patient_id])


def test_a_click_marks_the_exact_point(alice: User, draft: Case) -> None:
    form = entry(draft, history="Itches.", first_seen_on="2025-05-01")
    response = signed_in(alice).post(create(draft), form)
    lesion = draft.patient.lesions.get()
    assert response.url == f"{reverse('case-draft', args=[draft.pk])}#lesion-{lesion.pk}"
    assert (lesion.number, lesion.body_site, lesion.side) == (1, "forearm", "left")
    assert (lesion.view, lesion.map_x, lesion.map_y) == ("front", 0.79, 0.45)
    assert lesion.history == "Itches."


def test_a_choice_from_the_list_marks_the_middle_of_the_place(alice: User, draft: Case) -> None:
    signed_in(alice).post(create(draft), entry(draft, map_x="", map_y=""))
    lesion = draft.patient.lesions.get()
    assert lesion.map_x == pytest.approx(175 / 220, abs=1e-3)
    assert lesion.map_y == pytest.approx(215 / 480, abs=1e-3)


def test_a_place_that_no_drawing_shows_has_no_mark(alice: User, draft: Case) -> None:
    signed_in(alice).post(create(draft), entry(draft, place="unmarked-oral"))
    lesion = draft.patient.lesions.get()
    assert (lesion.body_site, lesion.view, lesion.map_x, lesion.map_y) == ("oral", "", None, None)


@pytest.mark.parametrize(
    ("place", "x", "side"),
    [
        ("front-left-chest", "0.6", "left"),
        ("front-left-chest", "0.505", "midline"),
        ("back-right-upper-back", "0.6", "right"),
        ("back-left-upper-back", "0.4", "left"),
        ("front-face", "0.45", "right"),
        ("front-face", "0.5", "midline"),
        ("front-right-hand", "0.15", "right"),
    ],
)
def test_left_and_right_are_the_patients(
    alice: User, draft: Case, place: str, x: str, side: str
) -> None:
    signed_in(alice).post(create(draft), entry(draft, place=place, map_x=x, map_y="0.3"))
    assert draft.patient.lesions.get().side == side


def test_a_form_posted_twice_marks_one_lesion(alice: User, draft: Case) -> None:
    client, form = signed_in(alice), entry(draft)
    for _ in range(2):
        client.post(create(draft), form)
    assert draft.patient.lesions.count() == 1


def test_the_script_gets_the_map_and_the_new_card(alice: User, draft: Case) -> None:
    response = signed_in(alice).post(create(draft), entry(draft), headers=SCRIPT)
    lesion = draft.patient.lesions.get()
    part = response.content.decode()
    assert 'hx-swap-oob="afterbegin:#draft-lesions"' in part
    assert f'id="lesion-{lesion.pk}"' in part
    assert "Mark lesion 2" in part


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"place": ""}, "Click the body map or choose a body site."),
        ({"place": "left-antenna"}, "Select a valid choice"),
        ({"map_x": "1.4"}, "less than or equal to 1"),
        ({"map_x": "nan"}, "Enter a number"),
        ({"first_seen_on": "2999-01-01"}, "lies in the future"),
    ],
)
@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_a_mark_that_cannot_be_is_refused_with_a_sentence(
    alice: User,
    draft: Case,
    changes: dict[str, str],
    sentence: str,
    headers: dict[str, str],
) -> None:
    response = signed_in(alice).post(create(draft), entry(draft, **changes), headers=headers)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Lesion.objects.count() == 0


def test_a_lesion_is_marked_in_a_draft_of_that_patient_only(
    alice: User, draft: Case, northside: Organisation
) -> None:
    other = start_case(patient=PatientFactory(organisation=northside), actor=alice)
    response = signed_in(alice).post(create(draft), entry(draft, case=str(other.pk)))
    assert response.status_code == 404
    assert signed_in(alice).post(create(draft), entry(draft, case="x")).status_code == 404
    assert Lesion.objects.count() == 0


def test_a_place_is_corrected(alice: User, draft: Case) -> None:
    lesion = LesionFactory(patient=draft.patient, view="front", map_x=0.79, map_y=0.45)
    address = reverse("lesion-edit", args=[lesion.pk])
    client = signed_in(alice)
    shown = client.get(address).content.decode()
    assert '<option value="front-left-forearm" selected>' in shown
    form = entry(draft, place="back-right-lower-leg", map_x="0.6", map_y="0.8")
    assert client.post(address, form).url == reverse("patient-detail", args=[draft.patient_id])
    lesion.refresh_from_db()
    assert (lesion.body_site, lesion.side, lesion.view) == ("lower_leg", "right", "back")


def test_an_imported_place_that_the_list_does_not_know_stays_as_recorded(
    alice: User, draft: Case
) -> None:
    lesion = LesionFactory(patient=draft.patient, body_site="trunk", side="left")
    address = reverse("lesion-edit", args=[lesion.pk])
    client = signed_in(alice)
    assert "As recorded: Left trunk" in client.get(address).content.decode()
    client.post(address, entry(draft, place="recorded", map_x="", map_y="", history="Old."))
    lesion.refresh_from_db()
    assert (lesion.body_site, lesion.side, lesion.history) == ("trunk", "left", "Old.")
