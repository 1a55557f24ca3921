"""An administrator says how the organisation reads; who changed what stays readable."""

from collections.abc import Callable

import pytest

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Reading, ReadingPolicy
from clinic.selectors import reading_policy
from clinic.services import assign_case, change_reading_policy
from tests.cast import signed_in
from tests.clinic.reading_cases import waiting_case

LIST = "/admin/clinic/readingpolicy/"
SENT = {
    "blind": "on",
    "second_read_share": "20",
    "second_read_from_malignancy": "",
    "second_read_on_disagreement": "on",
}


def change_page(policy: ReadingPolicy) -> str:
    return f"{LIST}{policy.pk}/change/"


def test_an_administrator_sets_the_policy_and_the_history_says_who_and_what(
    ada: User, northside: Organisation
) -> None:
    browser = signed_in(ada)
    assert browser.post(f"{LIST}add/", SENT | {"organisation": northside.pk}).status_code == 302
    policy = reading_policy(northside.pk)
    assert (policy.blind, policy.second_read_share, policy.second_read_on_disagreement) == (
        True, 20, True,
    )  # fmt: skip
    sent = {name: value for name, value in SENT.items() if name != "blind"}
    browser.post(change_page(policy), sent)
    assert not reading_policy(northside.pk).blind
    page = browser.get(change_page(policy)).content.decode()
    off, first = page.index("Blind first reads switched off"), page.index("Second read of 20 %")
    assert off < first  # newest first
    assert page.count("(Ada Adeyemi)") == 2


def test_switching_blind_reading_off_unblinds_what_is_being_read(
    ada: User, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    assign_case(case=case, reader=dana)
    policy = change_reading_policy(organisation=northside, actor=ada, blind=True)
    signed_in(ada).post(change_page(policy), {"second_read_share": "0"})
    assert not Reading.objects.get().is_blind


@pytest.mark.parametrize("share", ["101", "-1", "many", ""])
def test_a_share_that_is_no_percentage_is_refused_at_its_field(
    ada: User, northside: Organisation, share: str
) -> None:
    sent = SENT | {"organisation": northside.pk, "second_read_share": share}
    answer = signed_in(ada).post(f"{LIST}add/", sent)
    assert answer.status_code == 200
    assert "second_read_share" in answer.context["adminform"].form.errors
    assert not ReadingPolicy.objects.exists()


def test_another_organisations_policy_is_neither_seen_nor_made_nor_changed(
    ada: User, bob: User, northside: Organisation, southside: Organisation
) -> None:
    policy = change_reading_policy(organisation=northside, actor=ada, second_read_share=5)
    grant_role(user=bob, organisation=southside, role=Role.ADMINISTRATOR)
    stranger = signed_in(bob)
    assert "Northside" not in stranger.get(LIST).content.decode()
    assert stranger.get(change_page(policy)).status_code == 404
    assert stranger.post(change_page(policy), SENT).status_code == 404
    stranger.post(f"{LIST}add/", SENT | {"organisation": northside.pk})
    assert reading_policy(northside.pk).second_read_share == 5
    assert signed_in(ada).post(f"{LIST}add/", SENT).status_code == 403  # there is one already


def test_a_dermatologist_is_sent_away_and_nobody_deletes_a_policy(
    ada: User, dana: User, northside: Organisation
) -> None:
    policy = change_reading_policy(organisation=northside, actor=ada, second_read_share=5)
    assert signed_in(dana).get(LIST).status_code == 302
    gone = signed_in(ada).post(f"{LIST}{policy.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 403
    assert ReadingPolicy.objects.exists()


def test_the_administrators_home_says_how_the_organisation_reads(
    ada: User, northside: Organisation, django_assert_max_num_queries: Callable[..., object]
) -> None:
    browser = signed_in(ada)
    assert "Blind: the model's answer comes after it" in browser.get("/").content.decode()
    change_reading_policy(
        organisation=northside, actor=ada, blind=False, second_read_from_malignancy=70
    )
    page = browser.get("/").content.decode()
    assert "Not blind: readers see the model's answer first" in page
    assert "from a malignancy of 70 %" in page
    assert LIST in page
    with django_assert_max_num_queries(20):
        browser.get("/")
