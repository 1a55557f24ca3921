"""What a reader and a clinician are told of the model's answer, as a browser shows it.

`SCREENSHOTS=/tmp/x pytest -n 0 tests/browser/model` keeps pictures for a person to look at.
"""

import os
from collections.abc import Callable
from math import hypot
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage, PathologyResult
from clinic.services import commit_reading, reveal_opinion, save_read
from inference.models import ImageFeatures, ModelVersion, Prediction
from tests.clinic.reading_cases import waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
CONFIRMED = (
    ("melanoma", "histo"), ("nevus", "consensus"), ("dysplastic-nevus", "histo"),
    ("basal-cell-carcinoma", "confocal"), ("lichen-planus-like-keratosis", "follow_up"),
    ("melanoma-in-situ", "histo"),
)  # fmt: skip


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")


def tell(image: LesionImage, *vector: float, strangeness: float = 0.4) -> None:
    """Complete an answer by what a worker writes since it is recorded."""
    prediction = Prediction.objects.get(image=image)
    Prediction.objects.filter(pk=prediction.pk).update(
        called="akiec", plausible=["akiec", "mel", "nv"], strangeness=strangeness
    )
    ModelVersion.objects.update(plausible_coverage=0.9)
    length = hypot(*vector)
    ImageFeatures.objects.create(prediction=prediction, vector=[value / length for value in vector])


@pytest.fixture
def case(northside: Organisation) -> Case:
    """One lesion, strange to the model, and six confirmed lesions of others to compare it with."""
    case = waiting_case(northside, family_name="Halvorsen-Featherstonehaugh")
    tell(case.images.get(), 1.0, 0.0, strangeness=1.3)
    for number, (code, method) in enumerate(CONFIRMED):
        image = waiting_case(northside).images.get()
        tell(image, 1.0, number / 10)
        PathologyResult.objects.create(
            lesion=image.lesion, diagnosis=diagnosis(code), method=method
        )
    return case


def commit(case: Case, reader: User) -> None:
    save_read(
        case=case, lesion=case.images.get().lesion, reader=reader, diagnosis=diagnosis("nevus"),
        management="monitor", monitor_months=3,
    )  # fmt: skip
    commit_reading(case=case, reader=reader)
    reveal_opinion(case=case, reader=reader)


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_after_the_commit_the_panel_tells_all_and_fetches_what_looks_alike(
    signed_in: SignedIn, dana: User, case: Case, assert_accessible: Accessible, width: int
) -> None:
    commit(case, dana)
    page = signed_in(dana, width=width, height=844 if width == 390 else 900)
    page.goto(reverse("case-review", args=[case.pk]))
    panel = page.get_by_role("region", name="The model on lesion 1")
    expect(panel.get_by_text("Unlike the images this model learned from.")).to_be_visible()
    expect(panel.get_by_text("Unsure")).to_be_visible()
    panel.scroll_into_view_if_needed()
    keep_picture(page, f"panel-{width}")

    bars = panel.locator(".bars > li")
    expect(bars.filter(visible=True)).to_have_count(4)
    panel.get_by_text("All 7 classes").click()
    expect(bars.filter(visible=True)).to_have_count(7)
    keep_picture(page, f"panel-open-{width}")

    similar = panel.locator(".similar")
    similar.scroll_into_view_if_needed()
    expect(similar.get_by_role("link")).to_have_count(5)
    expect(similar.get_by_role("link").first).to_contain_text("Melanoma")
    expect(similar).to_contain_text("Benign · Expert consensus")
    expect(similar).not_to_contain_text("Melanoma in situ")
    similar.get_by_role("link").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    keep_picture(page, f"similar-{width}")
    assert (
        panel.evaluate(
            "panel => [...panel.querySelectorAll('*')].filter("
            "one => one.getBoundingClientRect().right > innerWidth).length"
        )
        == 0
    ), "nothing of the panel is wider than the window"
    assert_accessible(page)


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_the_clinicians_case_page_says_the_same_of_each_image(
    signed_in: SignedIn, alice: User, case: Case, assert_accessible: Accessible, width: int
) -> None:
    page = signed_in(alice, width=width)
    page.goto(reverse("case-detail", args=[case.pk]))
    answer = page.locator(".model-answer")
    expect(answer.get_by_text("Unlike the images this model learned from.")).to_be_visible()
    expect(answer.get_by_text("Cannot rule out")).to_be_visible()
    answer.scroll_into_view_if_needed()
    keep_picture(page, f"case-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_the_link_to_a_similar_case_leaves_the_desk_where_it_is(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    commit(case, dana)
    page = signed_in(dana)
    page.goto(reverse("case-review", args=[case.pk]))
    page.locator(".similar").scroll_into_view_if_needed()
    link = page.locator(".similar").get_by_role("link", name="Melanoma").first
    link.scroll_into_view_if_needed()
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("C-")
    assert page.url.endswith(reverse("case-review", args=[case.pk]))


def test_a_blind_reader_is_told_nothing_on_the_case_page_but_why(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = signed_in(dana)
    page.goto(reverse("case-detail", args=[case.pk]))
    expect(page.get_by_text("once your own reading of this case is committed")).to_be_visible()
    expect(page.get_by_text("Melanoma")).to_have_count(0)
    assert page.locator("[hx-trigger='every 2s']").count() == 0
