"""Keyset paging: every row once, in order, forwards and backwards, whatever ties."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict

from accounts.keyset import keyset_page
from accounts.models import Organisation
from clinic.models import Case, CaseState
from tests.factories import CaseFactory, PatientFactory

ORDER = ["-priority", "-urgency", "submitted_at", "id"]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def cases(northside: Organisation) -> list[Case]:
    """Twelve cases with ties in every column but the key, some without an answer."""
    patient = PatientFactory(organisation=northside)
    for number in range(12):
        CaseFactory(
            patient=patient,
            number=number + 1,
            state=CaseState.SUBMITTED,
            priority=number % 2,
            malignancy=[None, 0.5, 0.5, 0.125][number % 4],
            submitted_at=NOW - timedelta(minutes=number // 6),
        )
    return list(Case.objects.order_by(*ORDER))


def walk(url_of: str, start: str = "", *, size: int = 5) -> list[list[Case]]:
    pages, url = [], start
    while True:
        params = QueryDict(url.removeprefix("?"))
        page = keyset_page(Case.objects.all(), order=ORDER, params=params, size=size)
        pages.append(page.rows)
        following = getattr(page, url_of)
        if following is None:
            return pages
        url = following


@pytest.mark.parametrize("size", [1, 5, 6, 12, 20])
def test_walking_older_shows_every_row_once_in_order(cases: list[Case], size: int) -> None:
    rows = [row for page in walk("older_url", size=size) for row in page]
    assert rows == cases


def test_walking_back_shows_the_same_pages(cases: list[Case]) -> None:
    forwards = walk("older_url")
    first = keyset_page(Case.objects.all(), order=ORDER, params=QueryDict(), size=5)
    second = keyset_page(
        Case.objects.all(), order=ORDER, params=QueryDict((first.older_url or "")[1:]), size=5
    )
    back = keyset_page(
        Case.objects.all(), order=ORDER, params=QueryDict((second.newer_url or "")[1:]), size=5
    )
    assert second.rows == forwards[1]
    assert back.rows == forwards[0]
    assert back.newer_url is None


def test_a_row_that_arrives_meanwhile_moves_no_page(cases: list[Case]) -> None:
    first = keyset_page(Case.objects.all(), order=ORDER, params=QueryDict(), size=5)
    CaseFactory(
        patient=cases[0].patient,
        number=99,
        state=CaseState.SUBMITTED,
        submitted_at=NOW,
        priority=2,
    )
    second = keyset_page(
        Case.objects.all(), order=ORDER, params=QueryDict((first.older_url or "")[1:]), size=5
    )
    assert second.rows == cases[5:10]


def test_the_address_keeps_the_filters(cases: list[Case]) -> None:
    page = keyset_page(
        Case.objects.all(), order=ORDER, params=QueryDict("priority=1&site=back"), size=5
    )
    query = parse_qs((page.older_url or "")[1:])
    assert (query["priority"], query["site"]) == (["1"], ["back"])


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "WzBd", "W10", "WzAsMSwyLDMsIm5vIGtleSJd", "bnVsbA", "é", "A" * 5000]
)
def test_a_cursor_that_cannot_be_read_gives_the_first_page(cases: list[Case], cursor: str) -> None:
    params = QueryDict(mutable=True)
    params["page"] = cursor
    page = keyset_page(Case.objects.all(), order=ORDER, params=params, size=5)
    assert page.rows == cases[:5]
