"""A page asks the database as often for fifty rows as for one, and at most twenty times."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Patient
from clinic.services import record_pathology
from tests.cast import signed_in
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
    PredictionFactory,
    UserFactory,
    diagnosis,
)

MOST = 20
Fill = Callable[[int], str]


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(organisation=northside, family_name="Okonkwo")


@pytest.fixture
def fill(alice: User, northside: Organisation, patient: Patient) -> dict[str, Fill]:
    """For each page, what makes it `count` rows longer; returns its address."""
    numbers = iter(range(1, 10_000))
    model = ModelVersionFactory()

    def images(count: int, *, submitted: bool) -> str:
        case = patient.cases.filter(submitted_at__isnull=not submitted).first()
        case = case or CaseFactory(
            patient=patient, number=next(numbers), submitter=alice, submitted=submitted
        )
        for _ in range(count):
            lesion = LesionFactory(patient=patient, view="front", map_x=0.5, map_y=0.5)
            image = LesionImageFactory(case=case, lesion=lesion)
            PredictionFactory(image=image, model_version=model, answered=True)
        return reverse("case-detail" if submitted else "case-draft", args=[case.pk])

    def cases(count: int) -> None:
        for _ in range(count):
            case = CaseFactory(
                patient=PatientFactory(organisation=northside, family_name="Okonkwo"),
                number=next(numbers),
                submitter=alice,
                submitted=True,
            )
            LesionImageFactory(case=case)

    def history(count: int) -> str:
        for _ in range(count):
            lesion = LesionFactory(patient=patient)
            case = CaseFactory(
                patient=patient, number=next(numbers), submitter=UserFactory(), submitted=True
            )
            LesionImageFactory(case=case, lesion=lesion)
            record_pathology(
                lesion=lesion, diagnosis=diagnosis("nevus"), method="histo", actor=alice
            )
        return reverse("patient-detail", args=[patient.pk])

    def listed(name: str, query: str = "") -> Fill:
        def more(count: int) -> str:
            cases(count)
            return reverse(name) + query

        return more

    return {
        "home": listed("home"),
        "cases": listed("case-list"),
        "patients": listed("patient-list"),
        "search": listed("search", "?q=okonkwo"),
        "patient": history,
        "draft": lambda count: images(count, submitted=False),
        "case": lambda count: images(count, submitted=True),
    }


@pytest.mark.parametrize(
    "page", ["home", "cases", "patients", "search", "patient", "draft", "case"]
)
def test_fifty_rows_cost_the_queries_of_one(alice: User, fill: dict[str, Fill], page: str) -> None:
    client = signed_in(alice)
    address = fill[page](1)
    client.get(address)  # whatever is loaded once for the process is loaded now
    one = _queries(client, address)
    assert fill[page](49) == address
    fifty = _queries(client, address)
    assert fifty == one
    assert fifty <= MOST


def test_the_dermatologists_home_asks_as_often_for_fifty(
    dana: User, alice: User, fill: dict[str, Fill]
) -> None:
    client = signed_in(dana)
    fill["home"](1)
    one = _queries(client, "/")
    fill["home"](49)
    assert _queries(client, "/") == one <= MOST


def _queries(client: object, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)  # type: ignore[attr-defined]
    assert response.status_code == 200
    return len(queries)
