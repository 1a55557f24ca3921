"""Requests nobody would write by hand, against every operation of the OpenAPI description.

schemathesis sends valid and invalid ones as a records system with a token, and compares every
answer with the description: no crash, no undocumented status, no body of another shape, nothing
invalid accepted. The cases are the same in every run.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings

from accounts.models import Organisation, Role
from accounts.services import grant_role
from clinic.models import LesionImage
from clinic.services import (
    load_taxonomy,
    record_pathology,
    start_case,
    submit_case,
)
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.api.senders import Sender, picture, program
from tests.cast import signed_in
from tests.clinic.annotated import draw, on_the_desk
from tests.clinic.reading_cases import sign_as
from tests.dataset_factories import a_version, an_export
from tests.factories import (
    LesionFactory,
    ModelVersionFactory,
    OrganisationFactory,
    PatientFactory,
    UserFactory,
    diagnosis,
)
from tests.inference.retraining_rows import a_training_run

EXAMPLES = 8
FOR_ADMINISTRATORS = ("datasets", "dataset-versions", "dataset-exports", "training-runs")
api = schemathesis.openapi.from_wsgi(
    "/api/schema/",
    get_wsgi_application(),
    config=schemathesis.Config.from_dict(
        {
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
                # A description has no good word for "no NUL"; test_bad_bytes sends them.
                "allow-x00": False,
            }
        }
    ),
)


@pytest.fixture(scope="module")
def one_transaction(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The rows are made once for all operations and rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def records_system(one_transaction: None) -> Sender:
    """Northside's program."""
    return program(OrganisationFactory(name="Northside Hospital", slug="northside"))


@pytest.fixture(scope="module")
def known(records_system: Sender) -> dict[str, str]:
    """One row of everything, by the name that paths have for it."""
    # A test that commits may have emptied the tables before.
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    northside = Organisation.objects.get(slug="northside")
    dana = UserFactory(full_name="Dana Demir")
    grant_role(user=dana, organisation=northside, role=Role.DERMATOLOGIST)
    model = ModelVersionFactory()
    patient = PatientFactory(organisation=northside)
    lesion = LesionFactory(patient=patient)
    draft, signed = (start_case(patient=patient, actor=dana) for _ in range(2))
    for case in (draft, signed):
        fields = {"lesion": lesion.pk, "case": case.pk, "file": picture()}
        image = records_system.upload("/images/", fields).json()["id"]
    submit_case(case=signed, actor=dana)
    annotation = draw(on_the_desk(signed, dana), dana)
    reading = sign_as(dana, signed, "melanoma", "excise")
    result = record_pathology(
        lesion=lesion, diagnosis=diagnosis("melanoma"), method="histo", actor=dana
    )
    prediction = records_system.get("/predictions/", image=image).json()["results"][0]
    version = a_version(LesionImage.objects.get(pk=image))
    return {
        "organisations": str(northside.pk),
        "patients": str(patient.pk),
        "lesions": str(lesion.pk),
        "cases": str(draft.pk),
        "images": image,
        "annotations": str(annotation.key),
        "readings": str(reading.pk),
        "reads": str(reading.reads.get().pk),
        "pathology-results": str(result.pk),
        "predictions": prediction["id"],
        "models": str(model.pk),
        "diagnoses": "melanoma",
        "datasets": str(version.dataset_id),
        "dataset-versions": str(version.pk),
        "dataset-exports": str(an_export(version).pk),
        "training-runs": str(a_training_run(dataset_version=version).pk),
    }


@pytest.fixture(scope="module")
def administrator(known: dict[str, str]) -> dict[str, str]:
    """The headers of Ada's browser: data sets are for administrators, who are people."""
    ada = UserFactory(full_name="Ada Adeyemi")
    northside = Organisation.objects.get(pk=known["organisations"])
    grant_role(user=ada, organisation=northside, role=Role.ADMINISTRATOR)
    session = signed_in(ada).cookies["sessionid"].value
    token = "a" * 32
    return {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}


@pytest.fixture
def as_found(known: dict[str, str], settings: Any) -> Iterator[None]:
    """What one operation's requests change is undone before the next one's.

    The requests stay on the test's connection, as they do in Django's own test client (which
    connects these signals again after each of its requests, so this must come after `known`).
    Hundreds of requests in a few seconds would otherwise be throttled.
    """
    rates = {"DEFAULT_THROTTLE_RATES": {"api": "1000000/min"}}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | rates
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@api.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.usefixtures("as_found")
def test_every_request_gets_the_answer_that_the_description_promises(
    case: schemathesis.Case,
    known: dict[str, str],
    records_system: Sender,
    administrator: dict[str, str],
) -> None:
    _aim(case, known)
    for_people = case.operation.path.split("/")[3] in FOR_ADMINISTRATORS
    case.call_and_validate(headers=administrator if for_people else records_system.headers)


def _aim(case: schemathesis.Case, known: dict[str, str]) -> None:
    """Turn what only looks right into what is there, so that valid requests arrive.

    A description can say that a reference is a UUID, but not which rows exist, which numbers are
    taken or which bytes are a picture.
    """
    resource = case.operation.path.split("/")[3]
    parameters = case.path_parameters or {}
    for name, value in parameters.items():
        if name == "code" or _is_key(value):
            parameters[name] = known[resource]
    if not case.meta or case.meta.generation.mode.is_negative:
        return
    if "cursor" in (case.query or {}):
        case.query.pop("cursor")
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid4())
    if isinstance(case.body, dict):
        real = {
            "organisation": known["organisations"],
            "patient": known["patients"],
            "lesion": known["lesions"],
            "case": known["cases"],
            "image": known["images"],
            "organisations": [known["organisations"]],
            # Days and shares that can be meant together, classes that models learn.
            "description": {"seed": 3, "consent": "sharing", "classes": ["mel", "nv"]},
            "dataset_version": known["dataset-versions"],
            "start_from": known["models"],
            "diagnosis": "melanoma",
            "medical_record_number": str(uuid4()),
            "birth_date": "1968-02-29",
            "first_seen_on": "2024-02-29",
            "reported_on": "2024-02-29",
            "research_consent_on": "2024-02-29",
            "file": picture().read(),
        }
        case.body.update({name: real[name] for name in real if case.body.get(name) is not None})
        mark = ("view", "map_x", "map_y")
        if any(case.body.get(name) in (None, "") for name in mark):
            for name in mark:
                case.body.pop(name, None)


def _is_key(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False
