"""Two dermatologists on one case."""

import pytest
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import Case, Read, ReadState
from clinic.services import save_read, sign_case
from tests.browser.dermatologist.actions import (
    Accessible,
    SignedIn,
    review,
)
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import second_dermatologist, waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_by_erin(case: Case, northside: Organisation) -> None:
    erin = second_dermatologist(northside)
    lesion = case.images.first().lesion
    save_read(
        case=case, lesion=lesion, reader=erin, diagnosis=diagnosis("nevus"), management="discharge"
    )
    sign_case(case=case, reader=erin)


def test_the_slower_reader_keeps_her_draft_and_sees_both(
    signed_in: SignedIn,
    dana: User,
    northside: Organisation,
    watch: PageWatch,
    assert_accessible: Accessible,
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.keyboard.press("c")
    page.keyboard.press("e")
    signed_by_erin(case, northside)
    with page.expect_response(lambda response: response.url.endswith("/sign/")) as answer:
        page.keyboard.press("Control+Enter")
    assert answer.value.status == 409
    expect(page.get_by_text("Erin Eriksen has signed").first).to_be_visible()
    expect(page.get_by_text("Your draft is kept, unsigned.")).to_be_visible()
    both = page.get_by_role("region", name="Lesion 1")
    expect(both).to_contain_text("Melanocytic nevus")
    expect(both).to_contain_text("Melanoma")
    assert_accessible(page)
    assert Read.objects.get(case=case, reader=dana).state == ReadState.DRAFT


def test_a_draft_that_is_late_says_so_while_it_is_written(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    signed_by_erin(case, northside)
    page.get_by_label("Comment").fill("I would excise it.")
    expect(page.get_by_role("alert").filter(has_text="Erin Eriksen has signed")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and next")).to_be_disabled()
    page.get_by_role("link", name="See both opinions").click()
    expect(page.get_by_text("I would excise it.")).to_be_visible()
