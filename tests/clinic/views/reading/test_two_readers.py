"""Two readers of one case."""

import json

import pytest
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    Read,
    ReadingPolicy,
)
from tests.clinic.reading_cases import (
    second_dermatologist,
    sign_as,
)
from tests.clinic.views.reading.desk import SCRIPT, decided, desk, opinion, post, typed


@pytest.fixture
def signed_by_erin(case: Case, northside: Organisation) -> Case:
    sign_as(second_dermatologist(northside), case, comment="Banal.")
    return case


@pytest.mark.parametrize("name", ["case-commit", "read-save"])
def test_the_slower_reader_sees_both_opinions(
    signed_by_erin: Case, lesion: Lesion, dana: User, name: str
) -> None:
    response = post(dana, name, signed_by_erin, opinion(lesion, "melanoma", "excise"))
    assert response.status_code == 409
    page = response.content.decode()
    for said in ("Erin Eriksen has signed", "Your draft is kept", "Melanoma", "Excise", "Banal."):
        assert said in page
    again = desk(dana, signed_by_erin)
    assert again.status_code == 200
    assert "Melanoma" in again.content.decode()


def test_a_script_is_told_by_a_problem_document(
    signed_by_erin: Case, lesion: Lesion, dana: User
) -> None:
    response = post(
        dana, "read-save", signed_by_erin, typed(lesion, comment="Late."), headers=SCRIPT
    )
    assert response.status_code == 409
    problem = json.loads(response.content)
    assert problem["code"] == "too_late"
    assert "Erin Eriksen has signed" in problem["detail"]
    assert Read.objects.get(reader=dana).comment == "Late."


def test_a_second_reader_is_told_nothing_of_the_first(
    northside: Organisation, case: Case, dana: User
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    sign_as(second_dermatologist(northside), case, "melanoma", "excise", comment="Erin's words.")
    page = desk(dana, case).content.decode()
    assert ">Commit and see the model<" in page
    for withheld in ("Erin", "second read", "Second read", "second opinion"):
        assert withheld not in page, withheld


def test_an_adjudicator_sees_both_reads_after_the_commit_without_names(
    northside: Organisation, case: Case, alice: User, dana: User
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    erin = second_dermatologist(northside)
    grant_role(user=alice, organisation=northside, role=Role.DERMATOLOGIST)
    sign_as(erin, case, "melanoma", "excise", comment="A veil.")
    sign_as(alice, case, "nevus", "discharge", comment="Quite regular.")
    case.refresh_from_db()
    assert case.state == CaseState.DISCORDANT
    before = desk(dana, case).content.decode()
    assert "A veil." not in before
    decided(case, dana)
    after = desk(dana, case).content.decode()
    for said in ("Reader A", "A veil.", "Reader B", "Quite regular."):
        assert said in after
    assert "Erin" not in after
    assert "Alice" not in after.split("data-fields")[1]


def test_who_has_signed_is_led_to_the_case(northside: Organisation, case: Case, dana: User) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    sign_as(dana, case)
    response = desk(dana, case)
    assert response.headers["Location"] == reverse("case-detail", args=[case.pk])
