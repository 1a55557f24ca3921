"""The case list, the life of a case on its pages, and the sheet for a letter."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Lesion, Patient
from clinic.services import add_image, save_read, start_case, submit_case
from tests.cast import signed_in
from tests.clinic.imaging.pictures import jpeg
from tests.clinic.reading_cases import sign_as
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    PatientFactory,
    diagnosis,
)

LIST = reverse("case-list")


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(organisation=northside, family_name="Okonkwo", given_name="Ngozi")


@pytest.fixture
def draft(patient: Patient, alice: User) -> Case:
    return start_case(patient=patient, actor=alice)


@pytest.fixture
def lesion(draft: Case) -> Lesion:
    return LesionFactory(patient=draft.patient)


@pytest.fixture
def submitted(draft: Case, lesion: Lesion, alice: User) -> Case:
    add_image(case=draft, lesion=lesion, content=jpeg(320, 240), actor=alice)
    return submit_case(case=draft, actor=alice)


def page(case: Case, name: str = "case-detail") -> str:
    return reverse(name, args=[case.pk])


def sign(case: Case, dana: User) -> None:
    sign_as(dana, case, "melanoma", "monitor", monitor_months=3, comment="Blue-white veil.")


# --- The list ---


def references(client: Any, **filters: str) -> list[str]:
    return [case.reference for case in client.get(LIST, filters).context["page"].rows]


def test_the_list_is_filtered_by_state_person_and_text(
    alice: User, dana: User, northside: Organisation, patient: Patient
) -> None:
    other = PatientFactory(organisation=northside, family_name="Smith", given_name="Jane")
    CaseFactory(patient=patient, number=1, submitter=alice)
    CaseFactory(patient=patient, number=2, submitter=alice, submitted=True)
    CaseFactory(patient=other, number=3, submitter=dana, submitted=True)
    client = signed_in(alice)
    assert references(client) == ["C-00003", "C-00002", "C-00001"]
    assert references(client, state="waiting") == ["C-00003", "C-00002"]
    assert references(client, by="me") == ["C-00002", "C-00001"]
    assert references(client, q="smi") == ["C-00003"]
    assert references(client, q="C-00002") == ["C-00002"]
    assert references(client, q="okonkwo", state="draft", by="me") == ["C-00001"]
    assert references(client, state="nonsense", by="nobody") == ["C-00003", "C-00002", "C-00001"]


def test_the_counts_of_the_states_follow_the_other_filters(
    alice: User, northside: Organisation, patient: Patient
) -> None:
    CaseFactory(patient=patient, number=1, submitter=alice)
    CaseFactory(patient=patient, number=2, submitter=alice, submitted=True)
    CaseFactory(patient=PatientFactory(organisation=northside), number=3, submitted=True)
    tabs = signed_in(alice).get(LIST, {"q": "okonkwo"}).context["tabs"]
    assert [(tab["label"], tab["count"]) for tab in tabs] == [
        ("All", 2),
        ("Waiting", 1),
        ("Being read", 0),
        ("Answered", 0),
        ("Drafts", 1),
        ("Cancelled", 0),
    ]


@pytest.mark.parametrize("state", ["first_read", "second_read", "discordant", "adjudication"])
def test_a_reader_cannot_tell_from_the_list_which_open_case_a_colleague_has_signed(
    alice: User, dana: User, patient: Patient, state: str
) -> None:
    CaseFactory(patient=patient, number=1, submitted=True, state=state)
    waiting = CaseFactory(patient=patient, number=2, submitted=True)
    seen = signed_in(dana)
    rows = seen.get(LIST).content.decode()
    assert rows.count("Waiting for a read") == 2
    assert references(seen, state="open") == [waiting.reference, "C-00001"]
    # A state that the tabs do not name filters nothing, so that nobody can ask for it either.
    assert references(seen, state=state) == references(seen)
    assert references(seen, state="waiting") == references(seen)
    assert references(signed_in(alice), state="reading") == ["C-00001"]


def test_an_empty_list_says_what_to_do_next(alice: User) -> None:
    client = signed_in(alice)
    assert "A case begins with its patient" in client.get(LIST).content.decode()
    assert "No case fits these filters" in client.get(LIST, {"q": "x"}).content.decode()


# --- Starting, saving, submitting ---


def test_starting_a_case_twice_with_one_form_opens_one_draft(alice: User, patient: Patient) -> None:
    client, key = signed_in(alice), str(uuid.uuid4())
    address = reverse("case-create", args=[patient.pk])
    answers = [client.post(address, {"key": key}) for _ in range(2)]
    assert {answer.url for answer in answers} == {reverse("case-draft", args=[key])}
    assert Case.objects.count() == 1


def test_an_empty_draft_is_gone_on_with_instead_of_another(
    alice: User, dana: User, patient: Patient, draft: Case
) -> None:
    address = reverse("case-create", args=[patient.pk])
    new = {"key": str(uuid.uuid4())}
    assert signed_in(alice).post(address, new).url == page(draft, "case-draft")
    assert signed_in(dana).post(address, new).url != page(draft, "case-draft")
    LesionImageFactory(case=draft)
    assert signed_in(alice).post(address, {}).url != page(draft, "case-draft")


def test_the_draft_saves_itself_and_says_when(alice: User, draft: Case) -> None:
    answer = signed_in(alice).post(
        page(draft, "case-draft"),
        {"clinical_question": "Since spring? ", "priority": "2"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    assert len(answer.json()["saved_at"]) == len("10:42:07")
    draft.refresh_from_db()
    assert (draft.clinical_question, draft.priority) == ("Since spring?", 2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"clinical_question": "x" * 4001, "priority": "0"}, "at most 4000 characters"),
        ({"clinical_question": "", "priority": "9"}, "Select a valid choice"),
        ({"clinical_question": ""}, "This field is required"),
    ],
)
def test_a_draft_that_cannot_be_saved_says_why(
    alice: User, draft: Case, fields: dict[str, str], sentence: str
) -> None:
    client, address = signed_in(alice), page(draft, "case-draft")
    answer = client.post(address, fields, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    without_script = client.post(address, fields)
    assert without_script.status_code == 400
    assert sentence in without_script.content.decode()


def test_a_draft_that_a_colleague_submitted_saves_nothing_more(
    alice: User, submitted: Case
) -> None:
    answer = signed_in(alice).post(
        page(submitted, "case-draft"),
        {"clinical_question": "Late.", "priority": "0"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.json()["detail"]


def test_submitting_takes_along_what_is_typed_and_twice_is_once(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    add_image(case=draft, lesion=lesion, content=jpeg(), actor=alice)
    client, form = signed_in(alice), {"clinical_question": "Excise?", "priority": "1"}
    answers = [client.post(page(draft, "case-submit"), form) for _ in range(2)]
    assert [answer.url for answer in answers] == [page(draft)] * 2
    draft.refresh_from_db()
    assert (draft.state, draft.clinical_question, draft.priority) == ("submitted", "Excise?", 1)
    states = list(draft.events.values_list("state", flat=True))
    assert states.count("submitted") == 1


def test_a_case_without_an_image_is_not_submitted_and_keeps_the_question(
    alice: User, draft: Case
) -> None:
    form = {"clinical_question": "Excise?", "priority": "1"}
    response = signed_in(alice).post(page(draft, "case-submit"), form)
    content = response.content.decode()
    assert response.status_code == 400
    assert "Add at least one image before you submit the case." in content
    assert "Excise?" in content
    draft.refresh_from_db()
    assert draft.state == CaseState.DRAFT


def test_the_draft_shows_earlier_lesions_folded(alice: User, patient: Patient) -> None:
    LesionFactory(patient=patient)
    case = start_case(patient=patient, actor=alice)
    context = signed_in(alice).get(page(case, "case-draft")).context
    assert context["cards"] == []
    assert len(context["earlier"]) == 1


def test_a_submitted_case_has_no_draft_page(alice: User, submitted: Case) -> None:
    assert signed_in(alice).get(page(submitted, "case-draft")).url == page(submitted)


# --- Cancelling ---


def test_cancelling_asks_and_keeps_the_reason(alice: User, submitted: Case) -> None:
    client, address = signed_in(alice), page(submitted, "case-cancel")
    assert "Cancel the case" in client.get(address).content.decode()
    assert client.post(address, {"reason": " "}).status_code == 400
    assert client.post(address, {"reason": "Wrong patient."}).url == page(submitted)
    shown = client.get(page(submitted)).content.decode()
    assert "This case was cancelled." in shown
    assert "Wrong patient." in shown
    assert client.post(address, {"reason": "Again."}).status_code == 409


# --- The page and the sheet ---


def test_the_signed_answer_stands_on_the_page_with_who_and_when(
    alice: User, dana: User, submitted: Case, lesion: Lesion
) -> None:
    client = signed_in(alice)
    before = client.get(page(submitted)).content.decode()
    assert "Signed answer" not in before
    assert "A dermatologist reads this case next" in before
    sign(submitted, dana)
    after = client.get(page(submitted)).content.decode()
    for words in ("Signed answer", "Melanoma", "Malignant", "Monitor in 3 months", "Dana Demir"):
        assert words in after
    assert "Blue-white veil." in after
    assert "it is not a diagnosis" in after


def test_a_readers_draft_is_not_shown_to_the_clinician(
    alice: User, dana: User, submitted: Case, lesion: Lesion
) -> None:
    save_read(
        case=submitted,
        lesion=lesion,
        reader=dana,
        diagnosis=diagnosis("melanoma"),
        management="excise",
        comment="Not signed.",
    )
    for person in (alice, dana):
        shown = signed_in(person).get(page(submitted)).content.decode()
        assert "Not signed." not in shown


def test_the_history_says_what_happened_and_by_whom(
    alice: User, dana: User, patient: Patient, northside: Organisation
) -> None:
    client = signed_in(alice)
    case_key = str(uuid.uuid4())
    client.post(reverse("case-create", args=[patient.pk]), {"key": case_key})
    case = Case.objects.get(pk=case_key)
    LesionImageFactory(case=case)
    client.post(page(case, "case-draft"), {"clinical_question": "One", "priority": "0"})
    client.post(page(case, "case-submit"))
    client.post(page(case, "case-cancel"), {"reason": "Sent twice."})
    history = client.get(page(case)).context["history"]
    assert [(entry.what, entry.who) for entry in history] == [
        ("Draft started", alice),
        ("Submitted", alice),
        ("Cancelled", alice),
    ]
    assert history[-1].detail == "Sent twice."


def test_the_sheet_carries_the_answer_its_signature_and_the_disclaimer(
    alice: User, dana: User, submitted: Case, lesion: Lesion
) -> None:
    client = signed_in(alice)
    assert "Not signed yet" in client.get(page(submitted, "case-print")).content.decode()
    sign(submitted, dana)
    response = client.get(page(submitted, "case-print"))
    sheet = response.content.decode()
    for words in ("Okonkwo, Ngozi", "Melanoma", "Monitor in 3 months", "Dana Demir"):
        assert words in sheet
    assert "they are not a diagnosis" in sheet
    submitted.refresh_from_db()
    assert submitted.answer is not None
    assert len(submitted.answer.digest) == 64
    assert submitted.answer.digest in sheet
    assert "no longer matches" not in sheet


def test_the_sheet_stays_one_page_with_many_images(
    alice: User, submitted: Case, lesion: Lesion
) -> None:
    LesionImageFactory.create_batch(9, case=submitted, lesion=lesion)
    response = signed_in(alice).get(page(submitted, "case-print"))
    assert len(response.context["images"]) == 6
    assert "4 more images in the record" in response.content.decode()
