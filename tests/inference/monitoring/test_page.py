"""The monitoring page: who sees whose figures, what stands there, by how many queries."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import AnnotationPick, Case, LesionImage
from inference.models import ModelVersion, Prediction, ServiceAlert
from inference.selectors.monitoring import picture
from tests.cast import signed_in
from tests.factories import ModelVersionFactory, PredictionFactory, UserFactory
from tests.inference.monitoring_rows import add_answers, sign

pytestmark = pytest.mark.django_db
MOST_QUERIES = 24
PAGE = reverse("monitoring")


@pytest.fixture
def model(db: None) -> ModelVersion:
    return ModelVersionFactory(name="resnet18", version="2.0.1", state="active")


def operator(user: User) -> User:
    user.user_permissions.add(Permission.objects.get(codename="operate_models"))
    return User.objects.get(pk=user.pk)


def text(client: Client, query: str = "") -> str:
    """What stands on the page, without tags and with single blanks."""
    response = client.get(PAGE + query)
    assert response.status_code == 200
    body = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body.replace("\u00a0", " ").replace("&nbsp;", " "))


def test_an_administrator_sees_the_own_organisation_only(
    northside: Organisation, southside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(60, organisation=northside, model=model)
    add_answers(70, organisation=southside, model=model, seed=8)
    page = text(signed_in(ada))
    assert "resnet18 2.0.1 at Northside Hospital" in page
    assert "Answers 60 by week" in page
    assert "All organisations" not in page
    assert "Answers 60 by week" in text(signed_in(ada), "?scope=all")


def test_an_operator_sees_all_organisations_together(
    northside: Organisation, southside: Organisation, ada: User, bob: User, model: ModelVersion
) -> None:
    add_answers(60, organisation=northside, model=model)
    add_answers(70, organisation=southside, model=model, seed=8)
    assert "Answers 130 by week" in text(signed_in(operator(bob)))
    both = signed_in(operator(ada))
    assert "Answers 60 by week" in text(both)
    assert "Answers 130 by week" in text(both, "?scope=all")


def test_an_operator_needs_no_role(model: ModelVersion, northside: Organisation) -> None:
    add_answers(3, organisation=northside, model=model)
    assert "Answers 3 by week" in text(signed_in(operator(UserFactory())))


def test_whoever_reads_learns_nothing_of_an_open_case_from_a_count(
    northside: Organisation, dana: User, model: ModelVersion
) -> None:
    add_answers(1, organisation=northside, model=model, fields={"called": "mel"})
    page = text(signed_in(operator(dana)))
    assert "0 answers" in page
    assert "only closed ones are counted" in page
    add_answers(1, organisation=northside, model=model, seed=9)
    Case.objects.update(state="final", finalised_at=timezone.now())
    assert "2 answers" in text(signed_in(operator(dana)))


def test_clinicians_and_dermatologists_are_told_who_may(
    alice: User, dana: User, model: ModelVersion
) -> None:
    for person in (alice, dana):
        response = signed_in(person).get(PAGE)
        assert response.status_code == 403
        assert "Only administrators" in response.content.decode()


def test_waits_are_those_of_people_and_imports_may_wait(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(40, organisation=northside, model=model, wait=3.0)
    add_answers(
        40, organisation=northside, model=model, wait=4000.0, seed=9, fields={"precedence": 1}
    )
    page = text(signed_in(ada))
    assert "Median 3.0 s, 95th percentile 3.0 s, then 0.5 s" in page
    assert "Answers 80 by week" in page


def test_failures_stand_there_with_their_reasons(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    answer = add_answers(9, organisation=northside, model=model)[0]
    PredictionFactory(
        image__case=answer.image.case, image__lesion=answer.image.lesion, model_version=model,
        failed=True, reason="The stored image file is missing.",
    )  # fmt: skip
    page = text(signed_in(ada))
    assert "Failed 10 %" in page
    assert "The stored image file is missing. 1" in page


def test_the_queue_says_since_when_the_oldest_waits(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    case = add_answers(1, organisation=northside, model=model)[0].image.case
    PredictionFactory(
        image__case=case, model_version=model, queued_at=timezone.now() - timedelta(minutes=40)
    )
    assert re.search(r"1 wait now, the oldest since 40 min ago", text(signed_in(ada)))


def test_old_images_that_a_comparison_asks_about_are_not_what_comes_in(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(60, organisation=northside, model=model, fields={"precedence": 2})
    page = text(signed_in(ada))
    assert "60 answers, mean probability" in page, "of a model that was a shadow when they came"

    answers = add_answers(
        90, organisation=northside, model=model, seed=8, fields={"precedence": 2}, brightness=0.3
    )
    last_year = timezone.now() - timedelta(days=365)
    LesionImage.objects.filter(predictions__in=answers).update(created_at=last_year)
    Prediction.objects.filter(pk=answers[0].pk).update(
        state="queued", finished_at=None, queued_at=timezone.now() - timedelta(hours=3)
    )
    page = text(signed_in(ada))
    assert "60 answers, mean probability" in page
    assert re.search(r"Brightness stable 0\.\d\d 0\.00 to 0\.\d\d 60 images", page)
    assert "1 waits now, 0 being answered" in page, "nobody waits for it"


def test_drift_is_seen_against_the_first_answers_where_a_package_has_no_reference(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(500, organisation=northside, model=model, ago=timedelta(weeks=30))
    add_answers(300, organisation=northside, model=model, seed=8, brightness=0.12)
    page = text(signed_in(ada), "?weeks=4")
    assert "Compared with its first 500 answers in service" in page
    assert re.search(r"Brightness changed [1-3]\.\d\d", page)
    assert re.search(r"Hue stable 0\.0\d 0\.00 to 0\.\d\d 300 images", page)


def test_a_package_says_what_its_model_learned_from(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(60, organisation=northside, model=model)
    counts = {"edges": [0.5], "counts": [10, 90]}
    model.reference = {
        "format_version": 1, "images": 100, "source": "Training images",
        "image_statistics": {"brightness": counts}, "features": [], "called": {"nv": 100},
        "malignancy": counts, "mean_malignancy": 0.2,
    }  # fmt: skip
    model.save()
    page = text(signed_in(ada))
    assert "Compared with 100 images that the model learned from" in page
    assert "expected 20 %" in page
    assert "Classes called changed" in page


def test_too_few_images_are_no_drift(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    add_answers(49, organisation=northside, model=model)
    page = text(signed_in(ada))
    assert "Nothing to compare with yet" in page


def test_calibration_and_agreement_are_by_what_was_shown(
    northside: Organisation, ada: User, dana: User, model: ModelVersion
) -> None:
    sign(12, organisation=northside, reader=dana, model=model)
    sign(4, organisation=northside, reader=dana, model=model, called="nv", answer="melanoma",
         malignancy=0.1, pathology="melanoma")  # fmt: skip
    other = ModelVersionFactory(state="shadow", version="3.0.0")
    sign(9, organisation=northside, reader=dana, model=other, called="mel")
    sign(5, organisation=northside, reader=dana, model=model, state="first_read")
    page = text(signed_in(ada))
    assert "Of 16 signed lesions of closed cases" in page
    assert "Agreement 75 %" in page
    assert "Everybody 75 % 51 to 90 % 12 of 16 0 % 0 to 49 % 0 of 4 6 % 25 % 10 to 49 % 4 of 16" in page  # fmt: skip # noqa: E501
    assert "Female 75 %" in page
    assert "5 to 20 % 6 %" in page


def audit_everything(organisation: Organisation) -> None:
    AnnotationPick.objects.bulk_create(
        AnnotationPick(case=case, organisation=organisation, rank=rank, reason="audit")
        for rank, case in enumerate(Case.objects.filter(organisation=organisation), start=1)
    )


def test_the_audit_stands_on_the_page_of_its_organisation(
    northside: Organisation, ada: User, dana: User, model: ModelVersion
) -> None:
    assert "Audit on cases drawn at random" not in text(signed_in(ada))
    sign(12, organisation=northside, reader=dana, model=model)
    sign(4, organisation=northside, reader=dana, model=model, called="mel")
    audit_everything(northside)
    page = text(signed_in(ada))
    assert "Audit on cases drawn at random" in page
    assert "of 16" in page.partition("Audit on cases drawn at random")[2]


@pytest.mark.parametrize("answers", [60, 600])
def test_a_page_takes_as_many_queries_whatever_the_record(
    answers: int, northside: Organisation, ada: User, dana: User, model: ModelVersion
) -> None:
    add_answers(answers, organisation=northside, model=model, spread=timedelta(weeks=8))
    sign(3, organisation=northside, reader=dana, model=model)
    ServiceAlert.objects.create(
        model_version=model, organisation=northside, measure="wait", sentence="Slow.", value=90,
        threshold=60, n=10,
    )  # fmt: skip
    audit_everything(northside)
    client = signed_in(ada)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(queries) <= MOST_QUERIES


def test_without_a_model_it_says_so(ada: User) -> None:
    assert "No model is in service" in text(signed_in(ada))


def test_the_figures_of_many_images_are_kept_and_stay_those_of_their_organisation(
    northside: Organisation,
    southside: Organisation,
    ada: User,
    model: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(picture, "KEPT_FROM", 60)
    add_answers(60, organisation=northside, model=model)
    client = signed_in(operator(ada))
    assert "Answers 60 by week" in text(client)
    add_answers(10, organisation=southside, model=model, seed=8)
    add_answers(10, organisation=northside, model=model, seed=9)
    assert "Answers 60 by week" in text(client)
    assert "Answers 80 by week" in text(client, "?scope=all")
    assert "Answers 70 by day" in text(client, "?weeks=4")
