"""Recording pathology by the screen: from the case, from the lesion, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, Lesion, PathologyResult, Read
from tests.cast import signed_in
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import diagnosis


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside)


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


def page(lesion: Lesion) -> str:
    return reverse("pathology-record", args=[lesion.pk])


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "diagnosis": diagnosis("melanoma-in-situ").pk,
        "method": "histo",
        "reported_on": timezone.localdate().isoformat(),
        "report": "Clear margins.",
    } | changes


def test_a_result_is_recorded_once_however_often_it_is_posted_and_leads_back(
    case: Case, lesion: Lesion, alice: User
) -> None:
    client, fields = signed_in(alice), typed()
    address = f"{page(lesion)}?case={case.pk}"
    answers = [client.post(address, fields) for _ in range(2)]
    assert {answer.url for answer in answers} == {reverse("case-detail", args=[case.pk])}
    result = PathologyResult.objects.get()
    assert (result.lesion, result.recorded_by, result.report) == (lesion, alice, "Clear margins.")
    from_lesion = client.post(page(lesion), typed()).url
    assert from_lesion == (
        f"{reverse('patient-detail', args=[lesion.patient_id])}#lesion-{lesion.pk}"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"diagnosis": ""}, "Choose what the lesion turned out to be."),
        ({"diagnosis": "123456"}, "Choose a diagnosis from the list."),
        ({"method": ""}, "Say how the diagnosis was confirmed."),
        ({"method": "guess"}, "Select a valid choice"),
        ({"reported_on": "tomorrow"}, "Give the date as day, month and year."),
        ({"report": "x" * 20_001}, "at most 20000 characters"),
        ({"key": ""}, "required"),
    ],
)
def test_a_result_that_cannot_be_is_refused_with_everything_that_was_typed(
    lesion: Lesion, alice: User, changes: dict[str, Any], sentence: str
) -> None:
    answer = signed_in(alice).post(page(lesion), typed(report="Typed.") | changes)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PathologyResult.objects.exists()


def test_a_report_does_not_come_from_the_future(lesion: Lesion, alice: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = signed_in(alice).post(page(lesion), typed(reported_on=tomorrow.isoformat()))
    assert "This day has not come yet." in answer.content.decode()


def test_it_changes_no_read(case: Case, lesion: Lesion, alice: User, dana: User) -> None:
    reading = sign_as(dana, case, "nevus")
    before = list(Read.objects.values())
    signed_in(alice).post(page(lesion), typed())
    assert list(Read.objects.values()) == before
    reading.refresh_from_db()
    from clinic.selectors.signatures import is_intact

    assert is_intact(reading)


def test_the_lesion_card_shows_pathology_first_and_what_was_thought(
    case: Case, lesion: Lesion, alice: User, dana: User
) -> None:
    sign_as(dana, case, "nevus")
    client = signed_in(alice)
    client.post(page(lesion), typed())
    card = " ".join(
        client.get(reverse("patient-detail", args=[lesion.patient_id])).content.decode().split()
    )
    card = card[card.index('class="panel lesion-card"') :]
    assert card.index("Melanoma in situ") < card.index("Read as Melanocytic nevus")
    assert "Record pathology" in card


def test_another_case_of_somebody_else_is_no_way_back(
    lesion: Lesion, alice: User, northside: Organisation, southside: Organisation
) -> None:
    for other in (waiting_case(northside), waiting_case(southside)):
        back = signed_in(alice).get(f"{page(lesion)}?case={other.pk}").context["back_url"]
        assert str(other.pk) not in back
    assert signed_in(alice).get(f"{page(lesion)}?case=nonsense").status_code == 200


def test_the_api_says_who_recorded_it(lesion: Lesion, alice: User) -> None:
    client = signed_in(alice)
    client.post(page(lesion), typed())
    PathologyResult.objects.create(lesion=lesion, diagnosis=diagnosis("nevus"), method="histo")
    rows = client.get(reverse("api-pathology-result-list")).json()["results"]
    assert {row["recorded_by"] for row in rows} == {"Alice Ashdown", None}
