"""A candidate's way as an operator goes it: compared, refused, given a reason, rolled back.

`SCREENSHOTS=/tmp/x pytest -n 0 tests/browser/model` keeps pictures for a person to look at.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import LesionImage, PathologyResult, SealedTestSet, VersionKind
from inference.models import Comparison, ModelVersion
from inference.services.comparisons import compare_models
from inference.worker.comparing import finish_comparisons
from tests.clinic.reading_cases import add_picture
from tests.dataset_factories import a_version
from tests.factories import LesionFactory, ModelVersionFactory, diagnosis
from tests.inference.promotion.sealed_cases import CODES, answer_all, closed_image, says

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
REASON = "The old model fails on pictures of the new dermatoscope."


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def operator(ada: User) -> User:
    """Tests that commit empty what migrations filled: the group is made again."""
    group, _ = Group.objects.get_or_create(name="Model operators")
    group.permissions.add(Permission.objects.get(codename="operate_models"))
    ada.groups.add(group)
    return ada


@pytest.fixture
def champion(transactional_db: None) -> ModelVersion:
    return ModelVersionFactory(version="1.0.0")


@pytest.fixture
def candidate(champion: ModelVersion) -> ModelVersion:
    return ModelVersionFactory(version="2.0.0", state="candidate")


@pytest.fixture
def sealed(northside: Organisation, operator: User, settings: Any) -> SealedTestSet:
    """Forty-two images with pictures, and rules under which they decide."""
    settings.COMPARISON_FEWEST_IMAGES = 20
    settings.COMPARISON_FEWEST_MALIGNANT = 10
    settings.COMPARISON_SUBGROUP_IMAGES = 15
    settings.COMPARISON_RESAMPLES = 300
    images: list[LesionImage] = []
    for _ in CODES * 6:
        case = closed_image(northside).case
        images.append(add_picture(case, LesionFactory(patient=case.patient)))
    rows = [
        {
            "label": code, "malignancy": "malignant" if code in {"bcc", "mel"} else
            "indeterminate" if code == "akiec" else "benign", "sex": ("female", "male")[place % 2],
            "age": 25 + 15 * (place % 4), "body_site": ("back", "face", "forearm")[place % 3],
        }
        for place, code in enumerate(CODES * 6)
    ]  # fmt: skip
    with transaction.atomic():  # rows are written before their version
        version = a_version(*images, rows=rows, kind=VersionKind.SEALED)
    return SealedTestSet.objects.create(
        organisation=northside, version=version, share=0.2, sealed_by=operator
    )


def detail(version: ModelVersion) -> str:
    return reverse("admin:inference_modelversion_change", args=[version.pk])


def test_compared_refused_put_into_service_with_a_reason_and_rolled_back(
    sealed: SealedTestSet, champion: ModelVersion, candidate: ModelVersion, operator: User,
    signed_in: SignedIn, assert_accessible: Accessible,
) -> None:  # fmt: skip
    ModelVersion.objects.filter(pk=champion.pk).update(activated_at=champion.created_at)
    page = signed_in(operator)
    page.goto(detail(candidate))
    page.get_by_role("link", name="Compare…").click()
    expect(page.get_by_text("42 images of the sealed test sets")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Compare resnet18 2.0.0 with resnet18 1.0.0").click()
    expect(page.get_by_text("0 of 84 answers are there")).to_be_visible()
    assert_accessible(page)
    keep_picture(page, "comparison-waiting")
    answer_all(sealed, champion, wrong={3, 9})
    expect(page.get_by_text("42 of 84 answers are there")).to_be_visible()
    answer_all(sealed, candidate, wrong={1, 2, 5, 8, 9, 12, 15})
    finish_comparisons()
    verdict = page.get_by_role("heading", name="was not shown to be no worse")
    expect(verdict).to_be_visible()
    expect(page.get_by_text("Malignant, no longer found").first).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="Activate resnet18 2.0.0…").click()
    expect(page.get_by_text("was not shown to be no worse than resnet18 1.0.0.")).to_be_visible()
    assert_accessible(page)
    button = page.get_by_role("button", name="all the same and retire resnet18 1.0.0")
    button.click()
    expect(page.get_by_label("Reason, at least 20 characters")).to_be_focused()
    page.get_by_label("Reason, at least 20 characters").fill(REASON)
    keep_picture(page, "gate")
    button.click()
    expect(page.get_by_text("resnet18 2.0.0 is in service.")).to_be_visible()
    expect(page.locator(".model-override")).to_contain_text(REASON)
    assert_accessible(page)
    keep_picture(page, "override")

    page.get_by_role("link", name="Roll back…").click()
    page.get_by_role("button", name="Put resnet18 1.0.0 back into service").click()
    expect(page.get_by_text("resnet18 1.0.0 is back in service.")).to_be_visible()
    champion.refresh_from_db()
    assert champion.state == "active"
    page.goto(detail(candidate))
    expect(page.locator(".model-override")).to_contain_text(REASON)


@pytest.mark.parametrize("width", [1440, 820, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_comparison_can_be_read_at_every_width(
    sealed: SealedTestSet, champion: ModelVersion, candidate: ModelVersion, operator: User,
    signed_in: SignedIn, assert_accessible: Accessible, width: int, scheme: str,
) -> None:  # fmt: skip
    comparison: Comparison = compare_models(candidate=candidate, actor=operator)
    answer_all(sealed, champion, wrong={2, 4, 9, 12, 16, 20})
    answer_all(sealed, candidate, wrong={5, 9, 14, 30})
    finish_comparisons()
    page = signed_in(operator, width=width, color_scheme=scheme)
    page.goto(reverse("comparison", args=[comparison.pk]))
    expect(page.get_by_role("heading", name="Where they differ")).to_be_visible()
    page.locator(".differing-picture img").first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    keep_picture(page, f"comparison-{scheme}-{width}")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_shadows_weeks_can_be_read_at_every_width(
    northside: Organisation, champion: ModelVersion, candidate: ModelVersion, operator: User,
    signed_in: SignedIn, assert_accessible: Accessible, width: int,
) -> None:  # fmt: skip
    ModelVersion.objects.filter(pk=candidate.pk).update(state="shadow")
    for number in range(24):
        image = closed_image(northside)
        PathologyResult.objects.create(
            lesion=image.lesion, method="histo",
            diagnosis=diagnosis("melanoma" if number % 3 == 0 else "nevus"),
        )  # fmt: skip
        says(image, candidate, "mel" if number % 4 == 0 else "nv")
        says(image, champion, "mel" if number % 3 == 0 else "nv")
    page = signed_in(operator, width=width)
    page.goto(detail(candidate))
    page.get_by_role("link", name="How it does unseen, week by week").click()
    expect(page.get_by_role("heading", name="Do they say the same?")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    keep_picture(page, f"shadow-{width}")
