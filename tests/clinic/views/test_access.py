"""Who may open and change what: another organisation's things do not exist, administrators look."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Lesion, LesionImage, Patient
from tests.cast import signed_in
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    OrganisationFactory,
    PatientFactory,
    UserFactory,
)


@pytest.fixture
def record(northside: Organisation, alice: User) -> dict[str, uuid.UUID]:
    """One of everything at Northside, by the kind of key that addresses carry."""
    patient = PatientFactory(organisation=northside)
    lesion = LesionFactory(patient=patient)
    draft = CaseFactory(patient=patient, number=1, submitter=alice)
    case = CaseFactory(patient=patient, number=2, submitter=alice, submitted=True)
    image = LesionImageFactory(case=draft, lesion=lesion)
    return {
        "patient": patient.pk,
        "lesion": lesion.pk,
        "draft": draft.pk,
        "case": case.pk,
        "image": image.pk,
    }


READ = [
    ("patient-detail", "patient"),
    ("case-detail", "case"),
    ("case-detail", "draft"),
    ("case-print", "case"),
    ("image-file", "image"),
    ("image-thumbnail", "image"),
]
FORMS = [
    ("patient-edit", "patient"),
    ("lesion-edit", "lesion"),
    ("case-draft", "draft"),
    ("case-cancel", "case"),
]
WRITE: list[tuple[str, str, dict[str, str]]] = [
    ("patient-edit", "patient", {"family_name": "X", "medical_record_number": "1", "sex": "male"}),
    ("lesion-create", "patient", {"place": "front-face", "case": "{draft}"}),
    ("lesion-edit", "lesion", {"place": "front-face"}),
    ("case-create", "patient", {}),
    ("case-draft", "draft", {"clinical_question": "X", "priority": "1"}),
    ("case-submit", "draft", {"clinical_question": "X", "priority": "1"}),
    ("case-cancel", "draft", {"reason": "X"}),
    ("image-upload", "draft", {"lesion": "{lesion}"}),
    ("image-remove", "image", {}),
    ("image-move", "image", {"lesion": "{lesion}"}),
    ("image-kind", "image", {"kind": "overview"}),
]


def state() -> list[object]:
    """Everything that a write could change."""
    return [
        list(Patient.objects.values_list("pk", "family_name")),
        list(Lesion.objects.values_list("pk", "body_site")),
        list(Case.objects.values_list("pk", "state", "clinical_question")),
        list(LesionImage.objects.values_list("pk", "kind", "lesion")),
    ]


def address(record: dict[str, uuid.UUID], name: str, kind: str) -> str:
    return reverse(name, args=[record[kind]])


def filled(record: dict[str, uuid.UUID], fields: dict[str, str]) -> dict[str, str]:
    return {name: value.format(**record) for name, value in fields.items()}


@pytest.mark.parametrize(("name", "kind"), READ + FORMS)
def test_what_belongs_to_northside_does_not_exist_for_bob(
    bob: User, record: dict[str, uuid.UUID], name: str, kind: str
) -> None:
    assert signed_in(bob).get(address(record, name, kind)).status_code == 404


@pytest.mark.parametrize(("name", "kind", "fields"), WRITE)
def test_bob_changes_nothing_at_northside(
    bob: User, record: dict[str, uuid.UUID], name: str, kind: str, fields: dict[str, str]
) -> None:
    before = state()
    response = signed_in(bob).post(address(record, name, kind), filled(record, fields))
    assert response.status_code == 404
    assert state() == before


@pytest.mark.parametrize("name", ["patient-list", "case-list", "home"])
def test_bobs_lists_hold_nothing_of_northside(
    bob: User, record: dict[str, uuid.UUID], name: str
) -> None:
    page = signed_in(bob).get(reverse(name)).content.decode()
    assert not [kind for kind, key in record.items() if str(key) in page]
    assert "C-00001" not in page


def test_bobs_search_finds_and_counts_nothing_of_northside(
    bob: User, record: dict[str, uuid.UUID]
) -> None:
    for text in ("Example", "MRN", "C-00002", "2"):
        context = signed_in(bob).get(reverse("search"), {"q": text}).context
        assert (context["patient_count"], context["case_count"]) == (0, 0)


@pytest.mark.parametrize(("name", "kind"), READ)
def test_an_administrator_may_look(
    ada: User, record: dict[str, uuid.UUID], name: str, kind: str
) -> None:
    assert signed_in(ada).get(address(record, name, kind)).status_code == 200


@pytest.mark.parametrize(("name", "kind"), FORMS)
def test_an_administrator_is_shown_no_form(
    ada: User, record: dict[str, uuid.UUID], name: str, kind: str
) -> None:
    assert signed_in(ada).get(address(record, name, kind)).status_code == 403


@pytest.mark.parametrize(("name", "kind", "fields"), WRITE)
def test_an_administrator_changes_nothing(
    ada: User, record: dict[str, uuid.UUID], name: str, kind: str, fields: dict[str, str]
) -> None:
    before = state()
    response = signed_in(ada).post(address(record, name, kind), filled(record, fields))
    assert response.status_code == 403
    assert "Only clinicians or dermatologists" in response.content.decode()
    assert state() == before


def test_an_administrator_is_offered_nothing_that_they_cannot_do(
    ada: User, record: dict[str, uuid.UUID]
) -> None:
    client = signed_in(ada)
    for name, kind in [("patient-detail", "patient"), ("case-detail", "case")]:
        page = client.get(address(record, name, kind)).content.decode()
        for words in ("New case", ">Correct", "Cancel case"):
            assert words not in page


@pytest.mark.parametrize(("name", "kind"), READ + FORMS)
def test_nobody_passes_without_signing_in(
    record: dict[str, uuid.UUID], name: str, kind: str
) -> None:
    where = address(record, name, kind)
    response = Client().get(where)
    assert response.url == f"{reverse('account_login')}?next={where}"


def test_a_script_without_a_session_is_told_in_words(record: dict[str, uuid.UUID]) -> None:
    where = address(record, "case-draft", "draft")
    response = Client().post(where, {}, headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json()["detail"].startswith("Your session has ended")


def test_a_script_of_a_stranger_is_told_in_words(bob: User, record: dict[str, uuid.UUID]) -> None:
    where = address(record, "case-draft", "draft")
    response = signed_in(bob).post(where, {}, headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert response.json()["detail"].startswith("This is no longer there")


def test_after_a_post_without_a_session_one_comes_back_to_the_page_it_came_from(
    record: dict[str, uuid.UUID],
) -> None:
    draft = address(record, "case-draft", "draft")
    submit = address(record, "case-submit", "draft")
    response = Client().post(submit, headers={"Referer": f"http://testserver{draft}"})
    assert response.url == f"{reverse('account_login')}?next={draft}"
    elsewhere = Client().post(submit, headers={"Referer": "https://elsewhere.example/x"})
    assert elsewhere.url == f"{reverse('account_login')}?next=/"


def test_a_person_without_a_role_is_told_whom_to_ask(db: None) -> None:
    response = signed_in(UserFactory()).get(reverse("home"))
    assert response.status_code == 403
    assert "administrator" in response.content.decode()


def test_the_operator_without_a_role_works_in_the_administration(db: None) -> None:
    operator = UserFactory(is_superuser=True, is_staff=True)
    assert signed_in(operator).get(reverse("home")).url == reverse("admin:index")


def test_a_member_of_two_organisations_sees_lists_of_the_chosen_one(
    alice: User, record: dict[str, uuid.UUID], member_of: Callable[[User, Organisation], None]
) -> None:
    elsewhere = OrganisationFactory(name="Zebra Practice", slug="zebra")
    member_of(alice, elsewhere)
    client = signed_in(alice)
    assert client.get(reverse("case-list")).context["count"] == 2
    client.post(reverse("organisation-switch"), {"organisation": str(elsewhere.pk)})
    assert client.get(reverse("case-list")).context["count"] == 0
    assert client.get(address(record, "case-detail", "case")).status_code == 200


@pytest.fixture
def member_of() -> Callable[[User, Organisation], None]:
    from accounts.models import Role
    from accounts.services import grant_role

    return lambda user, organisation: grant_role(
        user=user, organisation=organisation, role=Role.CLINICIAN
    )


@pytest.mark.parametrize("name", ["image-remove", "image-move", "image-kind", "case-create"])
def test_what_changes_something_takes_no_get(
    alice: User, record: dict[str, uuid.UUID], name: str
) -> None:
    kind = "patient" if name == "case-create" else "image"
    before = state()
    assert signed_in(alice).get(address(record, name, kind)).status_code == 405
    assert state() == before


def test_the_address_of_a_submission_leads_back_to_the_draft(
    alice: User, record: dict[str, uuid.UUID]
) -> None:
    response = signed_in(alice).get(address(record, "case-submit", "draft"))
    assert response.url == address(record, "case-draft", "draft")
    assert Case.objects.get(pk=record["draft"]).state == CaseState.DRAFT
