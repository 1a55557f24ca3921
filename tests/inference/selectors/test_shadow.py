"""An unseen model beside the one in service: what is counted, of which images, by which truth."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import LesionImage, PathologyResult
from inference.models import ModelVersion, Prediction
from inference.selectors.shadow import beside_the_active
from tests.cast import signed_in
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import ModelVersionFactory, diagnosis
from tests.inference.promotion.sealed_cases import closed_image, says

pytestmark = pytest.mark.django_db


@pytest.fixture
def active(db: None) -> ModelVersion:
    return ModelVersionFactory(version="1.0.0")


@pytest.fixture
def shadow(db: None) -> ModelVersion:
    return ModelVersionFactory(version="2.0.0", state="shadow")


def taken(image: LesionImage, at: datetime) -> LesionImage:
    LesionImage.objects.filter(pk=image.pk).update(created_at=at)
    return image


def known(image: LesionImage, code: str) -> LesionImage:
    PathologyResult.objects.create(lesion=image.lesion, diagnosis=diagnosis(code), method="histo")
    return image


def test_only_images_that_both_answered_count_each_in_its_week(
    northside: Organisation, active: ModelVersion, shadow: ModelVersion
) -> None:
    now = timezone.now()
    before = now - timedelta(weeks=2)
    for image, ours, theirs in (
        (closed_image(northside), "nv", "nv"),
        (closed_image(northside), "mel", "nv"),
        (taken(closed_image(northside), before), "nv", "nv"),
        (taken(closed_image(northside), now - timedelta(weeks=30)), "nv", "nv"),
    ):
        says(image, shadow, ours)
        says(image, active, theirs)
    says(closed_image(northside), shadow, "mel")
    says(closed_image(northside), ModelVersionFactory(state="retired"), "mel")

    found = beside_the_active(shadow, active)

    assert [week.images for week in found.weeks] == [2, 1]
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    assert found.weeks[0].monday == monday
    assert (found.total.images, found.total.agreement.hits) == (3, 2)
    [this_week, earlier] = found.weeks
    assert (this_week.agreement.hits, earlier.agreement.hits) == (1, 1)
    # 0.92 for a melanoma, 0.06 for a nevus: half of the difference over two images.
    assert this_week.apart == pytest.approx(0.43)
    assert earlier.apart == pytest.approx(0)
    assert this_week.kappa.is_too_few


def test_right_and_wrong_by_pathology_and_by_the_signed_answer(
    northside: Organisation, active: ModelVersion, shadow: ModelVersion, dana: User
) -> None:
    cases = [
        ("melanoma", "mel", "nv"),
        ("melanoma", "mel", "mel"),
        ("basal-cell-carcinoma", "nv", "bcc"),
        ("nevus", "nv", "mel"),
    ]
    for code, ours, theirs in cases:
        image = known(closed_image(northside), code)
        says(image, shadow, ours)
        says(image, active, theirs)
    signed = waiting_case(northside, answer="none")
    sign_as(dana, signed, "nevus")
    for model in (shadow, active):
        says(signed.images.get(), model, "nv")
    unknown = closed_image(northside)
    neither = known(closed_image(northside), "dysplastic-nevus")
    for image in (unknown, neither):
        for model in (shadow, active):
            says(image, model, "mel")

    total = beside_the_active(shadow, active).total

    assert (total.images, total.known) == (7, 5)
    tallies = [
        (figure.hits, figure.n)
        for side in (total.shadow, total.active)
        for figure in (side.sensitivity, side.specificity)
    ]
    assert tallies == [(2, 3), (2, 2), (2, 3), (1, 2)]


def test_how_long_they_take(
    northside: Organisation, active: ModelVersion, shadow: ModelVersion
) -> None:
    for number in range(1, 22):
        image = closed_image(northside)
        for model, factor in ((shadow, 10), (active, 1)):
            answer = says(image, model, "nv")
            Prediction.objects.filter(pk=answer.pk).update(duration_ms=factor * number)
    found = beside_the_active(shadow, active)
    for period in (found.total, found.weeks[0]):
        assert (period.shadow.median_ms, period.shadow.late_ms) == (110, 200)
        assert (period.active.median_ms, period.active.late_ms) == (11, 20)


def test_the_page_shows_it_to_operators_in_few_queries(
    northside: Organisation, active: ModelVersion, shadow: ModelVersion, ada: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    url = reverse("shadow", args=[shadow.pk])
    assert signed_in(ada).get(url).status_code == 404
    ada.groups.add(Group.objects.get(name="Model operators"))
    client = signed_in(ada)
    assert "No image has both answers yet" in client.get(url).content.decode()
    for number in range(30):
        image = known(closed_image(northside), "melanoma" if number % 3 == 0 else "nevus")
        says(image, shadow, "mel" if number % 3 == 0 else "nv")
        says(image, active, "mel" if number % 2 == 0 else "nv")
    with django_assert_max_num_queries(20):
        html = client.get(url).content.decode()
    assert "All weeks" in html
    assert "10 of 10" in html, "the sensitivity of the unseen model"
    assert "5 of 10" in html, "and of the one in service"
    assert "+" in html or "\u2212" in html
    active.state = "retired"
    active.save()
    assert "No model is in service" in client.get(url).content.decode()
