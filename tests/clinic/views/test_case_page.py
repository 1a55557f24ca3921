"""The case page in every state: what a clinician reads there, and what a blind reader does not."""

import re
from typing import Any

import pgtrigger
import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, Reading
from clinic.services import (
    amend_answer,
    assign_case,
    cancel_case,
    change_reading_policy,
    commit_reading,
    record_pathology,
    reveal_opinion,
    save_read,
)
from tests.cast import signed_in
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import UserFactory, diagnosis

MODELS_WORDS = ("Melanoma", "67 %", "Probability of malignancy", "suspicious")


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)


@pytest.fixture
def frida(northside: Organisation) -> User:
    from accounts.models import Role
    from accounts.services import grant_role

    frida = UserFactory(email="frida@northside.example", full_name="Frida Falk")
    grant_role(user=frida, organisation=northside, role=Role.DERMATOLOGIST)
    return frida


@pytest.fixture
def read_twice(northside: Organisation, ada: User) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)


def shown(person: User, case: Case, name: str = "case-detail") -> str:
    text = signed_in(person).get(reverse(name, args=[case.pk])).content.decode()
    return " ".join(text.replace("\u00a0", " ").split())


def history(person: User, case: Case) -> list[str]:
    entries = signed_in(person).get(reverse("case-detail", args=[case.pk])).context["history"]
    return [entry.what for entry in entries]


def test_each_state_is_said_in_words(
    northside: Organisation, alice: User, dana: User, erin: User, frida: User, read_twice: None
) -> None:
    case = waiting_case(northside)
    assert "A dermatologist reads this case next." in shown(alice, case)
    assign_case(case=case, reader=dana)
    assert "A dermatologist is reading this case." in shown(alice, case)
    sign_as(dana, case, "nevus")
    page = shown(alice, case)
    assert "Second opinion under way" in page
    assert "A second one reads the case without knowing it" in page
    assert "Signed answer" not in page
    sign_as(erin, case, "melanoma", "excise")
    assert "The two readers disagree. A third dermatologist decides" in shown(alice, case)
    assign_case(case=case, reader=frida)
    assert "a third dermatologist is deciding now" in shown(alice, case)
    sign_as(frida, case, "melanoma", "excise")
    page = shown(alice, case)
    assert "Adjudicated by Frida Falk: Dana Demir and Erin Eriksen disagreed." in page
    assert "Other signed reads" in page
    assert history(alice, case) == [
        "Submitted",
        "First read begun", "Own opinion committed", "Model's answer shown to the reader",
        "First read signed",
        "Second read begun", "Own opinion committed", "Model's answer shown to the reader",
        "Second read signed", "The two reads disagree",
        "Adjudication begun", "Own opinion committed", "Model's answer shown to the reader",
        "Adjudication signed", "Case closed",
    ]  # fmt: skip


def test_two_readers_who_agree_stand_under_the_answer(
    northside: Organisation, alice: User, dana: User, erin: User, read_twice: None
) -> None:
    case = waiting_case(northside)
    sign_as(dana, case)
    sign_as(erin, case)
    assert "Two readers agreed: Dana Demir and Erin Eriksen." in shown(alice, case)
    assert "Two readers agreed: Dana Demir and Erin Eriksen." in shown(alice, case, "case-print")


def test_a_cancelled_case_says_why(northside: Organisation, alice: User) -> None:
    case = waiting_case(northside)
    cancel_case(case=case, actor=alice, reason="Sent twice.")
    assert "This case was cancelled.</strong> Sent twice." in shown(alice, case)


@pytest.mark.parametrize("name", ["case-detail", "case-print", "case-list", "home", "patient"])
def test_nothing_of_the_model_reaches_a_blind_reader(
    northside: Organisation, alice: User, dana: User, name: str
) -> None:
    case = waiting_case(northside, malignancy=0.67)
    address = {
        "case-list": reverse("case-list"),
        "home": "/",
        "patient": reverse("patient-detail", args=[case.patient_id]),
    }.get(name) or reverse(name, args=[case.pk])
    page = signed_in(dana).get(address).content.decode().replace("\u00a0", " ")
    assert not [word for word in MODELS_WORDS if word in page]
    assert not re.search(r"predictions?/", page)
    if name == "case-detail":
        assert "The model's answer is shown after your own read." in page
        assert reverse("case-review", args=[case.pk]) in page
        clinician = signed_in(alice).get(address).content.decode()
        assert "Probability of malignancy" in clinician


def test_the_model_is_shown_once_the_own_opinion_is_committed(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    save_read(
        case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("nevus"), management="discharge"
    )
    assert "Probability of malignancy" not in shown(dana, case)
    commit_reading(case=case, reader=dana)
    reveal_opinion(case=case, reader=dana)
    assert "Probability of malignancy" in shown(dana, case)


def test_whoever_could_read_a_case_learns_only_that_it_is_being_read(
    northside: Organisation, alice: User, dana: User, erin: User, read_twice: None
) -> None:
    case = waiting_case(northside)
    sign_as(dana, case, "melanoma", "excise", comment="A veil.")
    page = shown(erin, case)
    assert history(erin, case) == ["Submitted", "Being read"]
    for word in ("Dana Demir", "A veil.", "Second opinion", "Second read", "First read"):
        assert word not in page
    assert "Waiting for a read" in page
    assert "First read signed" in history(dana, case)
    assert "First read signed" in history(alice, case)
    sign_as(erin, case, "melanoma", "excise")
    assert "A veil." in shown(erin, case)


def test_an_amended_answer_keeps_the_one_before_readable_with_its_reason(
    northside: Organisation, alice: User, dana: User
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    first = sign_as(dana, case, "nevus", comment="Regular.")
    amended = amend_answer(
        case=case,
        reader=dana,
        reason="The histology came back.",
        based_on=first,
        opinions={lesion.pk: {"diagnosis": diagnosis("melanoma"), "management": "excise"}},
    )
    page = shown(alice, case)
    for words in ("Amended answer", "Version 2", "The histology came back.", "Earlier answers"):
        assert words in page
    assert page.index("Amended answer") < page.index("Earlier answers")
    assert "Regular." in page[page.index("Earlier answers") :]
    assert first.digest[:12] in page
    sheet = shown(alice, case, "case-print")
    assert "Answer, version 2" in sheet
    assert amended.digest in sheet
    assert "The histology came back. It replaces the answer of" in sheet
    assert history(alice, case)[-1] == "Answer amended"


def test_a_record_that_no_longer_matches_its_digest_warns_on_paper(
    northside: Organisation, alice: User, dana: User
) -> None:
    case = waiting_case(northside)
    reading = sign_as(dana, case)
    assert "no longer matches the digest" not in shown(alice, case, "case-print")
    with pgtrigger.ignore("clinic.Read:signed_read_is_for_ever"):
        reading.reads.update(comment="Somebody was here.")
    assert "no longer matches the digest" in shown(alice, case, "case-print")


def test_pathology_stands_above_the_opinions_and_says_who_was_right(
    northside: Organisation, alice: User, dana: User, erin: User, read_twice: None
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    sign_as(dana, case, "melanoma", "excise")
    sign_as(erin, case, "melanoma", "excise")
    before = list(Reading.objects.values_list("pk", "digest", "state"))
    record_pathology(
        lesion=lesion,
        diagnosis=diagnosis("nevus"),
        method="histo",
        actor=alice,
        report="Junctional.",
    )
    page = shown(alice, case)
    assert page.index('id="pathology-heading"') < page.index('id="answer-heading"')
    assert "Junctional." in page
    assert page.count("verdict-wrong") >= 4  # both readers, on malignancy and on class
    assert list(Reading.objects.values_list("pk", "digest", "state")) == before
    assert history(alice, case)[-1] == f"Pathology of lesion {lesion.number} recorded"
    assert "Pathology" in shown(alice, case, "case-print")


def test_a_blind_reader_sees_pathology_but_no_verdict_on_anybody(
    northside: Organisation, alice: User, dana: User, erin: User, read_twice: None
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    sign_as(dana, case, "melanoma", "excise")
    record_pathology(lesion=lesion, diagnosis=diagnosis("nevus"), method="histo", actor=alice)
    page = shown(erin, case)
    assert 'id="pathology-heading"' in page
    assert "verdict-" not in page
    assert "Dana Demir" not in page


def test_what_each_role_can_do_next(
    northside: Organisation, alice: User, dana: User, ada: User
) -> None:
    case = waiting_case(northside)

    def offered(person: User) -> set[str]:
        page = shown(person, case)
        return {w for w in ("Read this case", "Amend", "Cancel case", "Record pathology")
                if re.search(rf">\s*{w}\s*<", page)}  # fmt: skip

    assert offered(alice) == {"Cancel case", "Record pathology"}
    assert offered(dana) == {"Read this case", "Cancel case", "Record pathology"}
    assert offered(ada) == set()
    sign_as(dana, case)
    assert offered(alice) == {"Record pathology"}
    assert offered(dana) == {"Amend", "Record pathology"}


def test_a_page_with_everything_asks_no_more_for_more_readings(
    northside: Organisation,
    alice: User,
    dana: User,
    erin: User,
    read_twice: None,
    django_assert_max_num_queries: Any,
) -> None:
    case = waiting_case(northside, lesions=3)
    sign_as(dana, case, "melanoma", "excise")
    reading = sign_as(erin, case, "melanoma", "excise")
    case.refresh_from_db()
    opinions = {
        image.lesion_id: {"diagnosis": diagnosis("nevus"), "management": "discharge"}
        for image in case.images.all()
    }
    for image in case.images.all():
        record_pathology(
            lesion=image.lesion, diagnosis=diagnosis("nevus"), method="histo", actor=alice
        )
    client, address = signed_in(alice), reverse("case-detail", args=[case.pk])
    client.get(address)

    def queries() -> int:
        with django_assert_max_num_queries(40) as asked:
            client.get(address)
        return len(asked)

    one = queries()
    for _ in range(4):
        case.refresh_from_db()
        assert case.answer is not None
        reading = amend_answer(
            case=case, reader=dana, reason="Again.", based_on=case.answer, opinions=opinions
        )
    assert reading.role == "amendment"
    assert queries() == one
    assert one <= 30
