"""The worklist's pages: what a row says, filters in the address, pages, the next case."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import AccessLog, Case, CaseState, Reading, ReadingPolicy
from clinic.services import assign_case, commit_reading, release_case, save_read
from tests.cast import signed_in
from tests.clinic.reading_cases import (
    model_in_service,
    second_dermatologist,
    sign_as,
    waiting_case,
)
from tests.factories import PatientFactory, diagnosis

WORKLIST = reverse("worklist")
NEXT = reverse("worklist-next")
NBSP = "\u00a0"


def words(page: str) -> str:
    """What a page says, without its elements."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.replace(NBSP, " ")))


def shown(user: User, **params: Any) -> list[str]:
    """References of the rows, in order."""
    page = signed_in(user).get(WORKLIST, params).content.decode()
    return re.findall(r'<span class="mono quiet">(C-\d+)</span>', page)


@pytest.fixture
def open_reading(northside: Organisation) -> ReadingPolicy:
    """Northside shows the model's answer from the start."""
    return ReadingPolicy.objects.create(organisation=northside, blind=False)


def test_a_row_says_what_decides_whether_to_open_it(
    northside: Organisation, dana: User, open_reading: ReadingPolicy
) -> None:
    model_in_service()
    case = waiting_case(
        northside, images=3, hours=30, priority=1, malignancy=0.673,
        clinical_question="Changed since spring?",
    )  # fmt: skip
    page = words(signed_in(dana).get(WORKLIST).content.decode())
    for said in (
        "Halvorsen, Ingrid", "55 years", "female", "Left forearm", "Changed since spring?",
        "Urgent", "Suspicious 67 %", "1 day", case.reference,
    ):  # fmt: skip
        assert said in page
    assert re.search(r"\b3 images", page)


@pytest.mark.parametrize(
    ("malignancy", "said"),
    [
        (0.9, "Suspicious 90 %"),
        (0.2, "Suspicious 20 %"),
        (0.19, "Low risk 19 %"),
        (None, "No answer"),
    ],
)
def test_the_risk_is_a_word_with_a_number(
    northside: Organisation,
    dana: User,
    open_reading: ReadingPolicy,
    malignancy: float | None,
    said: str,
) -> None:
    model_in_service()
    waiting_case(northside, answer="none", malignancy=malignancy)
    assert said in words(signed_in(dana).get(WORKLIST).content.decode())


def test_without_a_model_in_service_no_risk_is_claimed(
    northside: Organisation, dana: User, open_reading: ReadingPolicy
) -> None:
    waiting_case(northside, answer="none", malignancy=0.9)
    page = words(signed_in(dana).get(WORKLIST).content.decode())
    assert "Malignancy 90 %" in page
    assert "Suspicious" not in page


def test_the_filters_live_in_the_address_and_the_counts_follow(
    northside: Organisation, dana: User
) -> None:
    urgent = waiting_case(northside, answer="none", priority=1, family_name="Okonkwo")
    waiting_case(northside, answer="none", priority=1, family_name="Li")
    routine = waiting_case(northside, answer="none", family_name="Okonkwo")
    assert shown(dana, text="okonkwo") == [urgent.reference, routine.reference]
    assert shown(dana, text="okonkwo", priority=1) == [urgent.reference]
    response = signed_in(dana).get(WORKLIST, {"text": "okonkwo", "priority": "1"})
    assert [(tab["label"], tab["count"]) for tab in response.context["priorities"]] == [
        ("All", 2), ("Emergency", 0), ("Urgent", 1), ("Routine", 1),
    ]  # fmt: skip
    assert response.context["count"] == 1
    assert "text=okonkwo" in response.context["priorities"][0]["url"]


@pytest.mark.parametrize(
    "params", [{"priority": "9"}, {"body_site": "tail"}, {"waiting_days": "x"}, {"page": "%%%"}]
)
def test_a_filter_that_makes_no_sense_is_ignored(
    northside: Organisation, dana: User, params: dict[str, str]
) -> None:
    case = waiting_case(northside, answer="none")
    assert shown(dana, **params) == [case.reference]


def test_an_empty_list_says_why(northside: Organisation, dana: User) -> None:
    assert "Nothing waits" in signed_in(dana).get(WORKLIST).content.decode()
    waiting_case(northside, answer="none")
    filtered = signed_in(dana).get(WORKLIST, {"text": "nobody"}).content.decode()
    assert "No waiting case matches" in filtered
    assert "Nothing waits" not in filtered


def test_paging_shows_each_case_once_while_others_are_submitted(
    northside: Organisation, dana: User
) -> None:
    patient = PatientFactory(organisation=northside)
    at = timezone.now() - timedelta(days=1)
    Case.objects.bulk_create(
        Case(
            organisation=northside, patient=patient, number=number, submitter=dana,
            state="submitted", submitted_at=at, malignancy=(number % 7) / 10,
        )
        for number in range(1, 61)
    )  # fmt: skip
    client, url, seen = signed_in(dana), WORKLIST, []
    while url:
        page = client.get(url).context["page"]
        seen += [case.number for case in page.rows]
        url = WORKLIST + page.older_url if page.older_url else ""
        if len(seen) == 25:  # what comes in at the top moves nothing on the later pages
            waiting_case(northside, answer="none", priority=2, number=999)
    assert sorted(seen) == list(range(1, 61))


def test_a_blind_reader_learns_nothing_of_the_model_from_the_list(
    northside: Organisation, dana: User
) -> None:
    model_in_service()
    first = waiting_case(northside, hours=9, malignancy=0.02)
    second = waiting_case(northside, hours=5, malignancy=0.98)
    page = words(signed_in(dana).get(WORKLIST).content.decode())
    for withheld in ("Suspicious", "Low risk", "98 %", "malignancy", "Model"):
        assert withheld not in page, withheld
    assert shown(dana) == [first.reference, second.reference]  # by the wait, not by the risk


def test_the_list_does_not_tell_a_first_from_a_second_read(
    northside: Organisation, dana: User
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    first = waiting_case(northside, answer="none", hours=2)
    second = waiting_case(northside, answer="none", hours=2)
    sign_as(second_dermatologist(northside), second)
    second.refresh_from_db()
    assert second.state == CaseState.SECOND_READ
    page = signed_in(dana).get(WORKLIST).content.decode()
    rows = re.findall(r'<li class="worklist-row">.*?</li>', page, re.DOTALL)
    # What differs between the rows is only which case it is, and since when it waits.
    plain = {
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|C-\d+|datetime=\S+|Submitted [^\"]*", "", row)
        for row in rows
    }
    assert first.reference in page
    assert second.reference in page
    assert len(plain) == 1


def test_a_row_says_how_far_the_reader_is(northside: Organisation, dana: User) -> None:
    desk, draft, committed, elsewhere = (
        waiting_case(northside, answer="none", hours=hours) for hours in (9, 8, 7, 6)
    )
    assign_case(case=desk, reader=dana)
    save_read(case=draft, lesion=draft.images.get().lesion, reader=dana, comment="Begun.")
    release_case(case=draft, reader=dana)
    lesion = committed.images.get().lesion
    nevus = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    save_read(case=committed, lesion=lesion, reader=dana, **nevus)
    commit_reading(case=committed, reader=dana)
    release_case(case=committed, reader=dana)
    assign_case(case=elsewhere, reader=second_dermatologist(northside))
    page = signed_in(dana).get(WORKLIST).content.decode()
    rows = [words(row) for row in re.findall(r'<li class="worklist-row">.*?</li>', page, re.DOTALL)]
    assert ["On your desk" in row for row in rows] == [True, False, False]
    assert ["Your draft" in row for row in rows] == [False, True, False]
    assert ["Committed by you" in row for row in rows] == [False, False, True]
    assert elsewhere.reference not in page


def test_looking_at_the_address_of_the_next_case_takes_nothing(
    northside: Organisation, dana: User
) -> None:
    waiting_case(northside, answer="none")
    assert signed_in(dana).get(NEXT).headers["Location"] == WORKLIST
    assert not Reading.objects.exists()


def test_next_takes_the_most_urgent_case_and_skip_gives_it_back(
    northside: Organisation, dana: User
) -> None:
    client = signed_in(dana)
    assert client.post(NEXT).headers["Location"] == WORKLIST
    second = waiting_case(northside, answer="none")
    first = waiting_case(northside, answer="none", priority=2)
    assert client.post(NEXT).headers["Location"] == reverse("case-review", args=[first.pk])
    assert Reading.objects.get(case=first).holds_case
    skipped = client.post(NEXT, {"after": str(first.pk)})
    assert skipped.headers["Location"] == reverse("case-review", args=[second.pk])
    assert not Reading.objects.get(case=first).holds_case
    last = client.post(NEXT, {"after": str(second.pk)}, follow=True)
    assert "That was the last case of the list." in last.content.decode()
    odd = client.post(NEXT, {"after": "not-a-key"})
    assert odd.headers["Location"] == reverse("case-review", args=[first.pk])


def test_what_comes_next_can_be_fetched_ahead_without_taking_it(
    northside: Organisation, dana: User
) -> None:
    here = waiting_case(northside, answer="none", priority=2)
    following = waiting_case(northside, answer="none", images=6)
    assign_case(case=here, reader=dana)
    ahead = signed_in(dana).get(reverse("worklist-ahead"), {"after": str(here.pk)}).json()
    assert ahead["url"] == reverse("case-review", args=[following.pk])
    images = following.images.order_by("created_at", "id")[:4]
    assert ahead["images"] == [reverse("image-screen", args=[image.pk]) for image in images]
    assert not Reading.objects.filter(case=following).exists()
    client = signed_in(dana)
    assert client.get(ahead["images"][0], headers={"x-purpose": "prefetch"}).status_code == 200
    assert AccessLog.objects.get().action == "prefetch"


def test_nothing_comes_after_the_last_case(northside: Organisation, dana: User) -> None:
    here = waiting_case(northside, answer="none")
    ahead = signed_in(dana).get(reverse("worklist-ahead"), {"after": str(here.pk)}).json()
    assert ahead["url"] is None
    assert ahead["images"] == []


def test_the_worklist_takes_as_many_queries_for_fifty_rows_as_for_one(
    northside: Organisation, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.views.worklist.PAGE_SIZE", 50)
    counts = []
    for more in (1, 49):
        for number in range(more):
            waiting_case(
                northside, images=1 + number % 3, priority=number % 3, malignancy=number / 50
            )
        client = signed_in(dana)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(WORKLIST)
        assert len(response.context["page"].rows) == (1 if more == 1 else 50)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20
