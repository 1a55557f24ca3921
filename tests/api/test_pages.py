"""Paging: every row once, whatever the times of the rows and whatever is written meanwhile."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation
from clinic.models import Patient
from tests.api.senders import V1, Sender
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db


def _walk(sender: Sender, address: str | None, step: str = "next") -> list[list[str]]:
    pages = []
    while address:
        page = sender.get(address.split(V1, 1)[1]).json()
        pages.append([row["id"] for row in page["results"]])
        address = page[step]
    return pages


def _imported(organisation: Organisation, count: int) -> list[str]:
    """Patients of one bulk import, all stored at the same moment; newest first."""
    PatientFactory.create_batch(count, organisation=organisation)
    Patient.objects.update(created_at=timezone.now())
    return [str(key) for key in Patient.objects.order_by("-id").values_list("id", flat=True)]


def test_rows_of_one_moment_are_paged_without_a_gap_or_a_repeat(
    northside: Organisation, dashboard: Sender
) -> None:
    keys = _imported(northside, 23)
    pages = _walk(dashboard, f"{V1}/patients/?page_size=5")
    assert [key for page in pages for key in page] == keys
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]


def test_times_that_differ_by_a_microsecond_are_not_confused(
    northside: Organisation, dashboard: Sender
) -> None:
    now = timezone.now().replace(microsecond=500)
    for offset in range(6):
        patient = PatientFactory(organisation=northside)
        Patient.objects.filter(pk=patient.pk).update(created_at=now.replace(microsecond=offset))
    keys = Patient.objects.order_by("-created_at", "-id").values_list("id", flat=True)
    pages = _walk(dashboard, f"{V1}/patients/?page_size=2")
    assert [key for page in pages for key in page] == [str(key) for key in keys]


def test_the_way_back_shows_the_same_pages(northside: Organisation, dashboard: Sender) -> None:
    _imported(northside, 11)
    forward = _walk(dashboard, f"{V1}/patients/?page_size=4")
    last = dashboard.get("/patients/", page_size=4).json()
    while last["next"]:
        last = dashboard.get(last["next"].split(V1, 1)[1]).json()
    back = _walk(dashboard, last["previous"], "previous")
    assert back == forward[-2::-1]
    first = dashboard.get("/patients/", page_size=4).json()
    assert first["previous"] is None


def test_a_row_written_while_one_pages_moves_nothing(
    northside: Organisation, dashboard: Sender
) -> None:
    keys = _imported(northside, 6)
    page = dashboard.get("/patients/", page_size=3).json()
    PatientFactory(organisation=northside)
    rest = _walk(dashboard, page["next"])
    assert [row["id"] for row in page["results"]] + rest[0] == keys


def test_the_filters_stay_in_the_addresses_of_the_pages(
    northside: Organisation, dashboard: Sender
) -> None:
    PatientFactory.create_batch(3, organisation=northside, family_name="Okafor")
    PatientFactory.create_batch(3, organisation=northside, family_name="Lindqvist")
    pages = _walk(dashboard, f"{V1}/patients/?family_name=okafor&page_size=2")
    assert [len(page) for page in pages] == [2, 1]


def test_the_taxonomy_is_paged_in_its_own_order(dashboard: Sender) -> None:
    codes, address = [], "/diagnoses/?page_size=7"
    while address:
        page = dashboard.get(address).json()
        codes += [row["code"] for row in page["results"]]
        address = (page["next"] or "").split(V1, 1)[-1]
    whole = dashboard.get("/diagnoses/", page_size=200).json()["results"]
    assert codes == [row["code"] for row in whole]
    assert len(set(codes)) == len(codes) > 14


@pytest.mark.parametrize("size", ["0", "-1", "201", "1000000000000", "many", "1.5", "٣", ""])
def test_a_page_size_out_of_range_is_refused(dashboard: Sender, size: str) -> None:
    answer = dashboard.get("/patients/", page_size=size)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "page_size"


def test_a_page_has_at_most_200_rows(northside: Organisation, dashboard: Sender) -> None:
    _imported(northside, 201)
    page = dashboard.get("/patients/", page_size=200).json()
    assert len(page["results"]) == 200
    assert page["next"]


def _encoded(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


KEY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        "AA",
        _encoded([]),
        _encoded({}),
        _encoded([0, "2026-01-01T00:00:00+00:00"]),
        _encoded([2, "2026-01-01T00:00:00+00:00", KEY]),
        _encoded([0, "2026-01-01T00:00:00", KEY]),
        _encoded([0, "2026-01-01", KEY]),
        _encoded([0, "yesterday", KEY]),
        _encoded([0, 5, KEY]),
        _encoded([0, "2026-01-01T00:00:00+00:00", "\x00"]),
        _encoded([0, "2026-01-01T00:00:00+00:00", -1]),
        _encoded([0, None, None]),
        _encoded([0, ["2026"], KEY]),
        urlsafe_b64encode(b"[" * 20_000).decode(),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(dashboard: Sender, cursor: str) -> None:
    answer = dashboard.get("/patients/", cursor=cursor)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "cursor"


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.datetimes().map(str),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=5,
    )
)
def test_no_cursor_makes_the_server_stumble(dashboard: Sender, value: Any) -> None:
    for path in ("/patients/", "/diagnoses/"):
        assert dashboard.get(path, cursor=_encoded(value)).status_code in {200, 400}
