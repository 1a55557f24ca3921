"""The page of two models on the sealed images: what it says, and to whom."""

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import AccessLog, Case, DatasetTombstone, SealedTestSet
from inference.models import Comparison, ModelVersion
from inference.services.comparisons import compare_models
from inference.worker.comparing import finish_comparisons
from tests.cast import signed_in
from tests.factories import ModelVersionFactory, UserFactory
from tests.inference.promotion.sealed_cases import CODES, answer_all, seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_enough(settings: Any) -> None:
    settings.COMPARISON_FEWEST_IMAGES = 7
    settings.COMPARISON_FEWEST_MALIGNANT = 3
    settings.COMPARISON_RESAMPLES = 100


@pytest.fixture
def operator(ada: User) -> User:
    ada.groups.add(Group.objects.get(name="Model operators"))
    return User.objects.get(pk=ada.pk)


@pytest.fixture
def models(db: None) -> tuple[ModelVersion, ModelVersion]:
    """Candidate and champion."""
    return ModelVersionFactory(version="2.0.0", state="candidate"), ModelVersionFactory(
        version="1.0.0"
    )


def judged(
    test_sets: list[SealedTestSet], models: tuple[ModelVersion, ModelVersion], wrong: set[int]
) -> Comparison:
    """The candidate is wrong on these numbers of every test set, the champion on none."""
    comparison = compare_models(candidate=models[0], actor=None)
    for test_set in test_sets:
        answer_all(test_set, models[0], wrong=wrong)
        answer_all(test_set, models[1])
    finish_comparisons()
    comparison.refresh_from_db()
    return comparison


def page_of(comparison: Comparison, person: User, **headers: str) -> str:
    url = reverse("comparison", args=[comparison.pk])
    response = signed_in(person).get(url, headers=headers)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def test_the_verdict_comes_first_then_the_figures(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User
) -> None:
    html = page_of(judged([seal(northside, CODES * 3)], models, set()), operator)
    assert "resnet18 2.0.0 is not worse than resnet18 1.0.0." in html
    assert html.index("is not worse than") < html.index("Balanced accuracy")
    assert '<span class="number">21</span> sealed images' in html
    assert f"{northside} (21)" in html
    assert "They call every image alike." in html
    assert '<polyline class="roc-candidate"' in html
    assert html.count('class="forest-mark"') >= 5
    assert "style=" not in html.replace("stylesheet", "")


def test_a_candidate_that_is_worse_is_said_to_be_so_with_its_pictures(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User
) -> None:
    test_set = seal(northside, CODES * 3)
    comparison = judged([test_set], models, {2, 5, 6})
    html = page_of(comparison, operator)
    assert "resnet18 2.0.0 was not shown to be no worse than resnet18 1.0.0." in html
    assert "may be" in html
    assert "written reason" in html
    missed = test_set.version.rows.get(number=5)
    assert reverse("image-thumbnail", args=[missed.source_id]) in html
    assert reverse("image-file", args=[missed.source_id]) in html
    assert reverse("case-detail", args=[missed.source.case_id]) in html
    assert html.index("Malignant, no longer found") < html.index("Benign, now called suspicious")
    signed_in(operator).get(reverse("image-file", args=[missed.source_id]))
    assert AccessLog.objects.filter(image=missed.source, user=operator).exists()


def test_another_organisations_images_are_pseudonyms_without_a_picture(
    northside: Organisation, southside: Organisation,
    models: tuple[ModelVersion, ModelVersion], operator: User,
) -> None:  # fmt: skip
    own, other = seal(northside), seal(southside)
    html = page_of(judged([own, other], models, {5}), operator)
    theirs, ours = other.version.rows.get(number=5), own.version.rows.get(number=5)
    assert theirs.image in html
    assert str(theirs.source_id) not in html
    assert str(theirs.source.case_id) not in html
    assert "Picture of another organisation" in html
    assert reverse("image-thumbnail", args=[ours.source_id]) in html
    assert theirs.source.case.patient.family_name not in html


def test_who_withdrew_since_is_not_shown(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User
) -> None:
    test_set = seal(northside)
    comparison = judged([test_set], models, {5})
    row = test_set.version.rows.get(number=5)
    DatasetTombstone.objects.create(row=row, withdrawn_on="2026-05-03")
    html = page_of(comparison, operator)
    assert str(row.source_id) not in html
    assert row.image not in html


def test_an_operator_who_reads_blind_does_not_see_an_open_case_here(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], dana: User
) -> None:
    """A sealed image's case is closed; should one be open again, the blind rule holds here too."""
    dana.groups.add(Group.objects.get(name="Model operators"))
    dana = User.objects.get(pk=dana.pk)
    test_set = seal(northside)
    comparison = judged([test_set], models, {5})
    row = test_set.version.rows.get(number=5)
    assert str(row.source_id) in page_of(comparison, dana)
    Case.objects.filter(pk=row.source.case_id).update(state="submitted", finalised_at=None)
    html = page_of(comparison, dana)
    assert str(row.source_id) not in html
    assert row.image not in html


def test_an_operator_without_a_role_sees_figures_and_no_picture(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion]
) -> None:
    """The operator of the installation works in no organisation."""
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name="Model operators"))
    test_set = seal(northside)
    html = page_of(judged([test_set], models, {5}), person)
    assert "Picture of another organisation" in html
    assert str(test_set.version.rows.get(number=5).source_id) not in html
    assert signed_in(person).get(reverse("shadow", args=[models[0].pk])).status_code == 200


def test_nobody_else_gets_in(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion],
    operator: User, alice: User, dana: User, bob: User,
) -> None:  # fmt: skip
    comparison = judged([seal(northside)], models, {5})
    for person in (alice, dana, bob):
        for name, key in (("comparison", comparison.pk), ("shadow", models[0].pk)):
            assert signed_in(person).get(reverse(name, args=[key])).status_code == 404
    assert signed_in(operator).get(reverse("shadow", args=[models[1].pk])).status_code == 404


def test_while_answers_are_awaited_it_asks_for_itself_and_then_stops(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User
) -> None:
    test_set = seal(northside)
    comparison = compare_models(candidate=models[0], actor=operator)
    answer_all(test_set, models[1])
    html = page_of(comparison, operator)
    assert "7 of 14 answers are there" in html
    assert 'hx-trigger="every 2s"' in html
    part = page_of(comparison, operator, hx_request="true")
    assert part.startswith('<div class="stack-wide comparison-page"')
    assert "<html" not in part
    answer_all(test_set, models[0])
    finish_comparisons()
    part = page_of(comparison, operator, hx_request="true")
    assert "is not worse" in part
    assert "hx-trigger" not in part


def test_what_was_retired_or_replaced_since_is_said(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User
) -> None:
    comparison = judged([seal(northside)], models, set())
    ModelVersion.objects.filter(pk=models[1].pk).update(state="retired")
    assert "The model in service is another one now." in page_of(comparison, operator)
    Comparison.objects.filter(pk=comparison.pk).update(
        state="failed", is_not_worse=None, note="It stopped."
    )
    assert "It stopped." in page_of(comparison, operator)


def test_sixty_pictures_take_no_more_queries_than_one(
    northside: Organisation, models: tuple[ModelVersion, ModelVersion], operator: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    comparison = judged([seal(northside, CODES * 3)], models, set(range(1, 22)))
    client = signed_in(operator)
    with django_assert_max_num_queries(20):
        client.get(reverse("comparison", args=[comparison.pk]))
