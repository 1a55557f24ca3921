"""Reading what the next model would learn most from, from the list to the desk."""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import AnnotationPick
from tests.browser.dermatologist.actions import Accessible, SignedIn, ready
from tests.clinic.reading_cases import waiting_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_the_reader_chooses_the_order_and_reads_on_in_it(
    signed_in: SignedIn,
    dana: User,
    northside: Organisation,
    assert_accessible: Accessible,
    width: int,
) -> None:
    names = ("Abel", "Brun", "Cruz", "Dahl")
    cases = [
        waiting_case(northside, family_name=name, hours=9 - place, answer="none")
        for place, name in enumerate(names)
    ]
    for rank, case in ((1, cases[3]), (2, cases[1])):
        AnnotationPick.objects.create(
            case=case, organisation=northside, rank=rank, reason="uncertain"
        )
    page = signed_in(dana, width=width)
    page.goto(reverse("worklist"))
    rows = page.locator(".worklist-name")
    expect(rows).to_have_text([f"{name}, Ingrid" for name in ("Abel", "Brun", "Cruz", "Dahl")])
    page.get_by_role("link", name="Most to learn from").click()
    expect(rows).to_have_text([f"{name}, Ingrid" for name in ("Dahl", "Brun", "Abel", "Cruz")])
    current = page.get_by_role("navigation", name="Order").locator("[aria-current]")
    expect(current).to_have_text("Most to learn from")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert_accessible(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"learning-{width}.png")
    page.locator("#id_text").fill("ingrid")
    page.get_by_role("button", name="Apply filters").click()
    expect(rows.first).to_have_text("Dahl, Ingrid")
    page.get_by_role("button", name="Read next").click()
    ready(page)
    assert str(cases[3].pk) in page.url
    page.keyboard.press("n")  # skip: the next of the same list
    page.wait_for_url(f"**{reverse('case-review', args=[cases[1].pk])}")
