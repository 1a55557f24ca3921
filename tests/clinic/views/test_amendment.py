"""Amending a signed answer on its page: a reason, a signature, and nothing typed is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.criteria.seven_point import LABELS
from clinic.models import Case, Notification, Reading
from clinic.services import amend_answer
from tests.cast import signed_in
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import PASSWORD, diagnosis


@pytest.fixture
def case(northside: Organisation, alice: User, dana: User) -> Case:
    case = waiting_case(northside, lesions=2, submitter=alice)
    sign_as(
        dana,
        case,
        "nevus",
        comment="Regular.",
        criteria={"seven_point": dict.fromkeys(LABELS, False) | {"irregular_streaks": True}},
    )
    case.refresh_from_db()
    return case


@pytest.fixture
def browser(dana: User) -> Client:
    """Dana, who has proved once in this session who she is."""
    client = signed_in(dana)
    client.post(reverse("signing"), {"password": PASSWORD}, headers={"Accept": "application/json"})
    return client


def page(case: Case) -> str:
    return reverse("case-amend", args=[case.pk])


def typed(client: Client, case: Case, **changes: Any) -> dict[str, str]:
    """The form as the page fills it, with some fields changed for every lesion or for the whole."""
    context = client.get(page(case)).context["page"]
    fields = {name: str(context.form[name].value() or "") for name in context.form.fields}
    for form in context.reads:
        for name in form.fields:
            value = changes.get(name, form[name].value())
            fields[f"{form.prefix}-{name}"] = "" if value is None else str(value)
    return fields | {name: str(v) for name, v in changes.items() if name in context.form.fields}


def test_the_form_begins_with_the_answer_and_a_new_version_is_signed(
    browser: Client, case: Case, alice: User, dana: User
) -> None:
    first = case.answer
    fields = typed(browser, case)
    assert [value for name, value in fields.items() if name.endswith("comment")] == ["Regular."] * 2
    changed = typed(
        browser, case, reason="Histology.", diagnosis=diagnosis("melanoma").pk, management="excise"
    )
    assert browser.post(page(case), changed).url == reverse("case-detail", args=[case.pk])
    case.refresh_from_db()
    assert case.state == "amended"
    assert case.answer is not None
    assert case.answer != first
    assert (case.answer.reason, case.answer.proof_method) == ("Histology.", "password")
    reads = case.answer.reads.all()
    assert {read.diagnosis.code for read in reads if read.diagnosis} == {"melanoma"}
    # What was counted on the images stays as it was counted.
    assert all(read.criteria["seven_point"]["score"] == 1 for read in reads)
    news = Notification.objects.get()
    assert (news.recipient, news.case, news.read_at) == (alice, case, None)


def test_posting_twice_amends_once(browser: Client, case: Case) -> None:
    fields = typed(browser, case, reason="Histology.")
    answers = [browser.post(page(case), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Reading.objects.filter(role="amendment").count() == 1
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Say why the answer is amended."),
        ({"reason": "  "}, "Say why the answer is amended."),
        ({"reason": "x" * 4001}, "Keep the reason under 4000 characters."),
        ({"reason": "R", "diagnosis": ""}, "Choose a diagnosis."),
        ({"reason": "R", "diagnosis": "999999"}, "Choose a diagnosis from the list."),
        ({"reason": "R", "management": ""}, "Choose what should happen to this lesion."),
        ({"reason": "R", "management": "monitor"}, "Say in how many months it should be seen"),
        ({"reason": "R", "management": "monitor", "monitor_months": 99}, "due in 1 to 36 months"),
    ],
)
def test_what_is_missing_is_said_at_its_place_and_nothing_typed_is_lost(
    browser: Client, case: Case, changes: dict[str, Any], sentence: str
) -> None:
    fields = typed(browser, case, **({"comment": "Typed with care."} | changes))
    answer = browser.post(page(case), fields)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    assert "Typed with care." in shown
    assert not Reading.objects.filter(role="amendment").exists()


def test_without_a_proof_a_script_is_told_and_a_form_is_asked_for_the_password_in_place(
    dana: User, case: Case
) -> None:
    client = signed_in(dana)
    fields = typed(client, case, reason="Histology.", comment="Typed with care.")
    script = client.post(page(case), fields, headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["code"]) == (403, "signing_proof_required")
    asked = client.post(page(case), fields)
    assert asked.status_code == 403
    assert 'name="password"' in asked.content.decode()
    assert "Typed with care." in asked.content.decode()
    wrong = client.post(page(case), fields | {"password": "not hers"})
    assert wrong.status_code == 400
    assert "This is not your password." in wrong.content.decode()
    assert "not hers" not in wrong.content.decode()
    assert not Reading.objects.filter(role="amendment").exists()
    assert client.post(page(case), fields | {"password": PASSWORD}).status_code == 302
    assert Reading.objects.get(role="amendment").proof_method == "password"


def test_where_every_signature_asks_a_proof_counts_for_one_amendment(
    browser: Client, case: Case, settings: Any
) -> None:
    settings.SIGNING_PROOF_SECONDS = 0
    assert browser.post(page(case), typed(browser, case, reason="One.")).status_code == 302
    assert browser.post(page(case), typed(browser, case, reason="Two.")).status_code == 403


def test_a_colleague_who_was_faster_is_shown_beside_what_was_typed(
    browser: Client, case: Case, northside: Organisation
) -> None:
    fields = typed(browser, case, reason="Mine.", comment="My words.")
    erin = second_dermatologist(northside)
    assert case.answer is not None
    faster = amend_answer(
        case=case,
        reader=erin,
        reason="Hers.",
        based_on=case.answer,
        opinions={
            image.lesion_id: {
                "diagnosis": diagnosis("melanoma"), "management": "excise", "comment": "Her words.",
            }
            for image in case.images.all()
        },
    )  # fmt: skip
    answer = browser.post(page(case), fields)
    shown = answer.content.decode()
    assert answer.status_code == 409
    for words in ("Erin Eriksen has amended", "Her words.", "My words.", "Mine."):
        assert words in shown
    assert f'name="based_on" value="{faster.pk}"' in shown
    # Now that it has been seen, the form can replace it.
    again = fields | {"based_on": str(faster.pk)}
    assert browser.post(page(case), again).status_code == 302
    assert Reading.objects.filter(role="amendment").count() == 2


def test_a_form_of_another_case_or_a_key_of_another_row_is_refused(
    browser: Client, case: Case, northside: Organisation, dana: User
) -> None:
    other = waiting_case(northside)
    foreign = sign_as(dana, other)
    fields = typed(browser, case, reason="R")
    assert browser.post(page(case), fields | {"based_on": str(foreign.pk)}).status_code == 409
    assert browser.post(page(case), fields | {"key": str(foreign.pk)}).status_code == 409
    assert browser.post(page(case), fields | {"key": "nonsense"}).status_code == 422
    assert not Reading.objects.filter(role="amendment").exists()


def test_an_open_case_has_nothing_to_amend_and_a_clinician_may_not(
    browser: Client, case: Case, alice: User, northside: Organisation
) -> None:
    waiting = waiting_case(northside)
    answer = browser.get(page(waiting))
    assert answer.status_code == 409
    assert "has no signed answer yet" in answer.content.decode()
    for method in ("get", "post"):
        assert getattr(signed_in(alice), method)(page(case)).status_code == 403


def test_the_page_is_never_kept_by_a_cache_and_costs_few_queries(
    browser: Client, case: Case, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20):
        answer = browser.get(page(case))
    assert "no-store" in answer.headers["Cache-Control"]
    assert not re.search(r"<script(?![^>]*src=)[^>]*>[^<]", answer.content.decode())
