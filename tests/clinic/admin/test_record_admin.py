"""The record in the administration: one's own, to be looked at."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from clinic.models import AccessLog, Diagnosis
from tests.cast import signed_in
from tests.factories import (
    CaseFactory,
    LesionImageFactory,
    PatientFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(northside: Any, alice: User) -> dict[str, Any]:
    case = CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    image = LesionImageFactory(case=case)
    log = AccessLog.objects.create(
        user=alice, organisation=northside, image=image, action="view", address="127.0.0.1"
    )
    return {"patient": case.patient, "case": case, "accesslog": log}


@pytest.mark.parametrize("name", ["patient", "case", "accesslog", "pathologyresult", "diagnosis"])
def test_an_administrator_reads_the_lists(name: str, ada: User, rows: dict[str, Any]) -> None:
    assert signed_in(ada).get(f"/admin/clinic/{name}/").status_code == 200


@pytest.mark.parametrize("name", ["patient", "case", "accesslog"])
def test_a_row_is_read_only_for_administrators_and_not_found_for_strangers(
    name: str, ada: User, bob: User, southside: Any, rows: dict[str, Any]
) -> None:
    from accounts.models import Role
    from accounts.services import grant_role

    address = f"/admin/clinic/{name}/{rows[name].pk}/change/"
    browser = signed_in(ada)
    page = browser.get(address)
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert browser.post(address, {}).status_code == 403
    assert browser.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert browser.get(f"/admin/clinic/{name}/add/").status_code == 403
    grant_role(user=bob, organisation=southside, role=Role.ADMINISTRATOR)
    stranger = signed_in(bob)
    assert stranger.get(address).status_code == 404
    assert address not in stranger.get(f"/admin/clinic/{name}/").content.decode()


def test_a_clinician_is_sent_away(alice: User, rows: dict[str, Any]) -> None:
    assert signed_in(alice).get("/admin/clinic/patient/").status_code == 302


def test_the_taxonomy_is_there_to_look_up(ada: User) -> None:
    node = Diagnosis.objects.get(code="melanoma", taxonomy_version="2026.1")
    page = signed_in(ada).get(f"/admin/clinic/diagnosis/{node.pk}/change/")
    assert page.status_code == 200


def test_fifty_cases_cost_as_many_queries_as_one(
    ada: User, northside: Any, rows: dict[str, Any],
    django_assert_max_num_queries: Callable[..., object],
) -> None:  # fmt: skip
    browser = signed_in(ada)
    browser.get("/admin/clinic/case/")
    with django_assert_max_num_queries(20) as one:
        browser.get("/admin/clinic/case/")
    for _ in range(49):
        CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    with django_assert_max_num_queries(len(one)):  # type: ignore[arg-type]
        browser.get("/admin/clinic/case/")
