"""What a reader was shown stays what is shown, whatever model answers the old images later."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, PathologyResult, Reading
from clinic.selectors.statistics import last_weeks, picture_of_work
from clinic.services import commit_reading, reveal_opinion, save_read
from inference.answers import case_answers
from inference.models import ModelVersion
from inference.opinions import opinion_of_case
from inference.selectors.verdicts import model_verdicts
from inference.services import activate_model, shadow_model
from inference.services.outcomes import refresh_case_malignancy
from inference.services.rescoring import continue_rescorings, rescore
from inference.tasks import sweep_task
from tests.cast import signed_in
from tests.clinic.reading_cases import model_in_service, sign_as, waiting_case
from tests.factories import ModelVersionFactory, PredictionFactory, diagnosis
from tests.inference.promotion.sealed_cases import passed, says

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(northside: Organisation, dana: User) -> Case:
    """Melanoma, said the model; Dana signed a nevus."""
    case = waiting_case(northside)
    refresh_case_malignancy(cases=[case.pk])
    sign_as(dana, case)
    case.refresh_from_db()
    assert case.state == "final"
    return case


@pytest.fixture
def later(case: Case, operator: User) -> ModelVersion:
    """The next model, which answers the old image otherwise, through a rescoring."""
    version = ModelVersionFactory(version="2.0.0", state="candidate")
    passed(version, model_in_service())
    activate_model(version=version, actor=operator)
    rescore(version=version, actor=operator)
    continue_rescorings()
    assert version.predictions.get().state == "queued", "the sweep does not reach closed cases"
    return version


def page_of(case: Case, person: User) -> str:
    client: Client = signed_in(person)
    return client.get(reverse("case-detail", args=[case.pk])).content.decode()


def test_the_page_shows_the_answer_that_the_reader_saw_and_says_so(
    case: Case, later: ModelVersion, alice: User, dana: User
) -> None:
    for step in ("waiting", "answered"):
        if step == "answered":
            says(case.images.get(), later, "nv")
        answers = case_answers(user=alice, case=case)
        [answer] = answers.images.values()
        assert answer.prediction.malignancy == 0.67, step
        assert answer.shown_at == Reading.objects.get().revealed_at
        [lesion] = answers.lesions.values()
        assert (lesion.top and lesion.top.code) == "mel"
        for person in (alice, dana):
            html = page_of(case, person)
            today = timezone.localdate()
            assert f"as shown on {today.day} {today:%B %Y}" in html
            assert "67\u00a0%" in html or "67 %" in html
            assert 'hx-trigger="every 2s"' not in html, "nobody waits for a later answer"


def test_the_record_the_verdict_and_the_statistics_are_of_what_was_shown(
    case: Case, later: ModelVersion, alice: User, ada: User, northside: Organisation
) -> None:
    image = case.images.get()
    PathologyResult.objects.create(
        lesion=image.lesion, diagnosis=diagnosis("melanoma"), method="histo"
    )

    def figures() -> object:
        period = last_weeks(12)
        return picture_of_work(user=ada, organisation=northside, period=period).of_all

    before: dict[str, Any] = {
        "opinion": Reading.objects.get().model_opinion,
        "verdict": model_verdicts(alice, case),
        "picture": figures(),
    }
    says(image, later, "nv")
    sweep_task()
    after = {
        "opinion": Reading.objects.get().model_opinion,
        "verdict": model_verdicts(alice, case),
        "picture": figures(),
    }
    assert after == before
    [verdict] = after["verdict"].values()
    assert (verdict.was_shown, verdict.class_right) == (True, True)
    case.refresh_from_db()
    assert case.malignancy == 0.67, "the worklist's figure of a closed case is not touched"


def test_the_answer_stays_when_its_model_is_only_a_shadow_now(
    case: Case, later: ModelVersion, operator: User, alice: User
) -> None:
    says(case.images.get(), later, "nv")
    shadow_model(version=ModelVersion.objects.exclude(pk=later.pk).get(), actor=operator)
    [answer] = case_answers(user=alice, case=case).images.values()
    assert answer.prediction.malignancy == 0.67


def test_a_reader_who_has_seen_one_model_is_not_shown_another_before_signing(
    northside: Organisation, dana: User, alice: User, operator: User
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    save_read(
        case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("nevus"), management="discharge"
    )
    commit_reading(case=case, reader=dana)
    reveal_opinion(case=case, reader=dana)
    version = ModelVersionFactory(version="2.0.0", state="candidate")
    passed(version, model_in_service())
    activate_model(version=version, actor=operator)
    says(case.images.get(), version, "nv")
    [seen] = case_answers(user=dana, case=case).images.values()
    assert seen.prediction.malignancy == 0.67
    [now] = case_answers(user=alice, case=case).images.values()
    assert now.prediction.model_version == version, "Alice reads nothing: she sees the newest"


def test_without_a_record_what_was_there_when_the_case_was_closed_comes_first(
    northside: Organisation, alice: User
) -> None:
    case = waiting_case(northside, answer="none")
    image = case.images.get()
    old = ModelVersionFactory(version="1.0.0", state="retired")
    says(image, old, "mel")
    Case.objects.filter(pk=case.pk).update(state="final", finalised_at=timezone.now())
    case.refresh_from_db()
    new = model_in_service()
    PredictionFactory(image=image, model_version=new)
    [answer] = case_answers(user=alice, case=case).images.values()
    assert (answer.prediction.model_version, answer.is_late) == (old, False)
    assert says(image, new, "nv").finished_at > case.finalised_at
    [answer] = case_answers(user=alice, case=case).images.values()
    assert answer.prediction.model_version == old


def test_an_answer_that_only_came_later_is_shown_and_called_late(
    northside: Organisation, alice: User
) -> None:
    case = waiting_case(northside, answer="none")
    Case.objects.filter(pk=case.pk).update(state="final", finalised_at=timezone.now())
    case.refresh_from_db()
    says(case.images.get(), model_in_service(), "mel")
    [answer] = case_answers(user=alice, case=case).images.values()
    assert (answer.is_late, answer.shown_at) == (True, None)
    assert "after the case was closed" in page_of(case, alice)


def test_a_candidates_answer_is_never_what_a_reader_is_shown(northside: Organisation) -> None:
    case = waiting_case(northside, answer="none")
    says(case.images.get(), ModelVersionFactory(version="2.0.0", state="candidate"), "mel")
    assert opinion_of_case(case) == {}
