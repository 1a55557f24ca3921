"""Until a reader commits, nothing of the model's or a colleague's opinion reaches that reader.

Not a list of places where it is hidden, but a search through every response: each address that
`tests/test_access.py` knows is asked by a reader who has not committed, and its body and headers
are searched for words and figures that only the opinions contain. The same search finds them once
the opinion is committed, and for people who do not read: so it would find a leak.
"""

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, Lesion, LesionImage, PathologyResult
from clinic.services import (
    assign_case,
    change_reading_policy,
    commit_reading,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.services.annotations import save_annotation
from inference.models import ModelState, ModelVersion, Prediction
from inference.services.outcomes import refresh_case_malignancy
from tests.cast import signed_in
from tests.clinic.exported import operator, written
from tests.clinic.reading_cases import SALIENCY, second_dermatologist, waiting_case
from tests.dataset_factories import a_version, an_export
from tests.factories import (
    CaseFactory,
    ModelVersionFactory,
    PredictionFactory,
    UserFactory,
    diagnosis,
)
from tests.inference.monitoring_rows import a_service_alert
from tests.inference.retraining_rows import a_comparison, a_training_run
from tests.test_access import TABLE, Row, address

pytestmark = pytest.mark.django_db

COLLEAGUE = "Zzyzxanthous network, as the colleague wrote"
COLLEAGUE_DRAWN = "zzyzx-drawn-by-the-colleague"
# What only the answers contain. Per cents are searched as a page writes them: "73 %".
PROBABILITIES = {
    "akiec": 0.0117, "bcc": 0.0213, "bkl": 0.0319, "df": 0.0031, "mel": 0.7283, "nv": 0.1993,
    "vasc": 0.0044,
}  # fmt: skip
MALIGNANCY, STRANGENESS, UNCERTAINTY = 0.7613, 1.4171, 0.4409
FIGURES = ("0.7283", "0.1993", "0.7613", "1.4171", "0.4409")
PER_CENTS = re.compile(r"(?<![\d.])(73|76)(\s|&nbsp;|\u00a0|\u202f)*%")


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)


@pytest.fixture
def case(northside: Organisation, erin: User, ada: User) -> Case:
    """Answered by the model, read by a colleague, and waiting for a second read."""
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    case = waiting_case(northside, answer="none", images=2)
    version = ModelVersionFactory(version="9.9.9", state=ModelState.ACTIVE)
    for image in case.images.all():
        _answer(image, version)
    refresh_case_malignancy(cases=[case.pk])
    _read(case, erin)
    case.refresh_from_db()
    assert (case.state, case.malignancy) == ("second_read", MALIGNANCY)
    return case


def _answer(image: LesionImage, version: ModelVersion) -> Prediction:
    return PredictionFactory(
        image=image, model_version=version, answered=True, probabilities=PROBABILITIES,
        malignancy=MALIGNANCY, uncertainty=UNCERTAINTY, strangeness=STRANGENESS,
        plausible=["mel", "nv"], called="mel", saliency=SALIENCY,
    )  # fmt: skip


def _read(case: Case, reader: User) -> None:
    lesion = case.images.select_related("lesion")[0].lesion
    opinion = {"diagnosis": diagnosis("blue-nevus"), "management": "refer", "comment": COLLEAGUE}
    save_read(case=case, lesion=lesion, reader=reader, **opinion)
    save_annotation(
        image=case.images.all()[0], actor=reader, label="other", text=COLLEAGUE_DRAWN,
        target={"selector": {"type": "FragmentSelector", "value": "xywh=pixel:10,10,90,80"}},
        key=uuid4(), version=0,
    )  # fmt: skip
    commit_reading(case=case, reader=reader)
    reveal_opinion(case=case, reader=reader)
    sign_reading(case=case, reader=reader)


@pytest.fixture
def record(case: Case, erin: User, northside: Organisation) -> dict[str, Any]:
    """The keys that addresses carry; one of everything that has to do with the case."""
    image = case.images.all()[0]
    reading = case.readings.get(reader=erin)
    version = a_version(image)
    export = written(version, operator(), "manifest")
    plain = written(version, operator(), "manifest", "files")
    return {
        "organisation": northside.pk,
        "dataset": version.dataset_id,
        "version": version.pk,
        "comparison": a_comparison().pk,
        "training_run": a_training_run(dataset_version=version).pk,
        "export": export.pk,
        "plain_export": plain.pk,
        "export_file": plain.files.earliest("path").pk,
        "waiting_export": an_export(version).pk,
        "alert": a_service_alert(image.predictions.get()).pk,
        "patient": case.patient_id,
        "lesion": image.lesion_id,
        "case": case.pk,
        "draft": CaseFactory(patient=case.patient, number=9001).pk,
        "image": image.pk,
        "prediction": image.predictions.get().pk,
        "draft_read": reading.reads.get().pk,
        "reading": reading.pk,
        "annotation": reading.annotations.get().key,
        "pathology": PathologyResult.objects.create(
            lesion=Lesion.objects.create(patient=case.patient, number=77, body_site="back"),
            diagnosis=diagnosis("nevus"),
            method="histo",
        ).pk,
        "diagnosis": "melanoma",
        "model": image.predictions.get().model_version_id,
        "reason": "Why.",
    }


def opinions_in(text: str) -> set[str]:
    """Which opinions a text gives away."""
    found = {figure for figure in FIGURES if figure in text}
    found |= {"per cent"} if PER_CENTS.search(text) else set()
    found |= {"map"} if "Content-Type: image/png" in text else set()
    for words in (COLLEAGUE, COLLEAGUE_DRAWN, "Blue nevus", "blue-nevus"):
        found |= {words} if words in text else set()
    return found


def text_of(response: HttpResponse) -> str:
    body = b"".join(response) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return headers + "\n" + body.decode(errors="replace")


# The lists of all diagnoses name each of them, for everybody.
VOCABULARY = {"api-diagnosis-list", "api-diagnosis-detail", "api-schema"}
READABLE = [row for row in TABLE if row.method == "get"]


def search(person: User, rows: Iterable[Row], record: dict[str, Any]) -> dict[str, set[str]]:
    """What each address gives away to a person, those that give nothing away left out."""
    client = signed_in(person)
    found = {}
    for row in rows:
        for accept in ("text/html", "application/json"):
            response = client.get(address(row, record), headers={"accept": accept})
            words = opinions_in(text_of(response))
            # The diagnosis is a choice in every form; there it says nothing about anybody.
            if row.name in VOCABULARY or "<select" in text_of(response):
                words -= {"Blue nevus", "blue-nevus"}
            if words:
                found[row.name] = words
    return found


def test_no_response_gives_a_blind_reader_an_opinion(
    record: dict[str, Any], dana: User, case: Case
) -> None:
    assert search(dana, READABLE, record) == {}
    assign_case(case=case, reader=dana)
    assert search(dana, READABLE, record) == {}
    save_read(case=case, lesion=case.images.all()[0].lesion, reader=dana, comment="Hm.")
    assert search(dana, READABLE, record) == {}
    assert opinions_in("\n".join(str(message.message()) for message in mail.outbox)) == set()


@pytest.mark.parametrize("row", [r for r in TABLE if r.method == "post"], ids=lambda r: r.name)
def test_no_answer_to_a_post_gives_a_blind_reader_an_opinion(
    row: Row, record: dict[str, Any], dana: User
) -> None:
    client = signed_in(dana)
    for accept in ("text/html", "application/json"):
        response = client.post(address(row, record), headers={"accept": accept})
        assert opinions_in(text_of(response)) - {"Blue nevus", "blue-nevus"} == set()


def test_the_same_search_finds_them_for_who_may_know(
    record: dict[str, Any], alice: User, case: Case
) -> None:
    """A clinician does not read, and sees the model's answer at once."""
    found = search(alice, READABLE, record)
    assert "0.7283" in found["api-prediction-list"]
    assert "per cent" in found["case-detail"]
    assert found["prediction-saliency"] == {"map"}
    assert found["api-case-detail"] == {"0.7613"}


def test_after_the_commit_the_model_is_shown_and_the_colleague_is_not(
    record: dict[str, Any], dana: User, case: Case
) -> None:
    lesion = case.images.all()[0].lesion
    opinion = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    commit_reading(case=case, reader=dana, opinions={lesion.pk: opinion})
    reveal_opinion(case=case, reader=dana)
    found = search(dana, READABLE, record)
    assert "0.7283" in found["api-prediction-list"]
    assert "per cent" in found["case-review"]
    words = set().union(*found.values())
    assert words & {COLLEAGUE, COLLEAGUE_DRAWN, "Blue nevus", "blue-nevus"} == set()


def test_the_adjudicator_sees_the_two_reads_from_the_commit_on(
    record: dict[str, Any], dana: User, case: Case, northside: Organisation
) -> None:
    fred = UserFactory(full_name="Fred Falk")
    grant_role(user=fred, organisation=northside, role=Role.DERMATOLOGIST)
    lesion = case.images.all()[0].lesion
    opinion = {"diagnosis": diagnosis("melanoma"), "management": "excise"}
    commit_reading(case=case, reader=dana, opinions={lesion.pk: opinion})
    reveal_opinion(case=case, reader=dana)
    sign_reading(case=case, reader=dana)
    assert search(fred, READABLE, record) == {}
    commit_reading(case=case, reader=fred, opinions={lesion.pk: opinion})
    reveal_opinion(case=case, reader=fred)
    assert COLLEAGUE in search(fred, READABLE, record)["case-review"]


def test_the_order_of_the_worklist_says_nothing_of_the_model(
    case: Case, dana: User, northside: Organisation
) -> None:
    harmless = waiting_case(northside, answer="none", hours=0.5, family_name="Quist")
    page = text_of(signed_in(dana).get(reverse("worklist")))
    assert page.index("Halvorsen") < page.index("Quist")
    Case.objects.filter(pk=harmless.pk).update(malignancy=0.999)
    again = text_of(signed_in(dana).get(reverse("worklist")))
    assert again.index("Halvorsen") < again.index("Quist")


def test_an_organisation_may_show_the_model_at_once(
    record: dict[str, Any], dana: User, ada: User, northside: Organisation
) -> None:
    change_reading_policy(organisation=northside, actor=ada, blind=False)
    found = search(dana, READABLE, record)
    assert "0.7283" in found["api-prediction-list"]
    words = set().union(*found.values())
    assert COLLEAGUE not in words, "a second opinion is worth nothing if it has seen the first"


def test_a_browser_that_kept_the_map_is_not_told_that_it_is_still_good(
    record: dict[str, Any], dana: User
) -> None:
    """Before the commit even the question whether the map has changed is answered with 404."""
    url = reverse("prediction-saliency", args=[record["prediction"]])
    for header in ("*", '"anything"'):
        answer = signed_in(dana).get(url, headers={"If-None-Match": header})
        assert answer.status_code == 404
