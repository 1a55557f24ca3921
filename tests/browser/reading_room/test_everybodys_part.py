"""Each person's part of the way, by mouse, fingers or keys, and the rows that it leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import (
    Annotation,
    Case,
    CaseState,
    Notification,
    PathologyResult,
    Read,
    Reading,
    ReadingState,
    ReadStage,
    ReadState,
)
from clinic.selectors.signatures import is_intact
from tests.browser.dermatologist.actions import Accessible, SignedIn
from tests.browser.reading_room import parts
from tests.browser.reading_room.traffic import after_commit, before_commit, responses, told
from tests.clinic.reading_cases import sign_as
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Look = Callable[[Page], None]


@pytest.fixture
def look(assert_accessible: Accessible) -> Look:
    """axe finds nothing, and nothing is wider than the window."""

    def at(page: Page) -> None:
        assert_accessible(page)
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    return at


def test_dana_reads_blind_and_changes_her_mind_when_she_has_seen_the_model(
    signed_in: SignedIn, dana: User, case: Case, look: Look
) -> None:
    page = signed_in(dana)
    parts.dana_drafts_blind(page, case, look)
    reading = Reading.objects.get()
    assert (reading.state, reading.holds_case, reading.is_blind) == ("draft", True, True)
    assert (reading.revealed_at, reading.model_opinion) == (None, {})
    drawn = Annotation.objects.get(reading=reading)
    assert (drawn.label, drawn.image.case_id) == ("pigment_network", case.pk)

    parts.dana_commits_and_changes_her_mind(page, look)
    reading.refresh_from_db()
    assert reading.committed_at is not None
    assert reading.revealed_at is not None
    assert reading.committed_at <= reading.revealed_at
    (opinion,) = reading.model_opinion.values()
    assert opinion["likeliest"] == "mel"

    parts.dana_signs(page, look)
    first, changed = Read.objects.order_by("created_at")
    assert [read.state for read in (first, changed)] == [ReadState.SIGNED] * 2
    assert (first.stage, first.stands, changed.stands) == (ReadStage.FIRST, False, True)
    assert (first.diagnosis, first.management, first.monitor_months) == (
        diagnosis("nevus"), "monitor", 6,
    )  # fmt: skip
    assert (first.comment, first.confidence) == (parts.FOUND, 2)
    assert (changed.diagnosis, changed.management) == (diagnosis("melanoma"), "excise")
    assert changed.reason == parts.REASON
    reading.refresh_from_db()
    assert (reading.state, reading.proof_method) == (ReadingState.SIGNED, "password")
    assert is_intact(reading)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.FINAL, reading)


def test_nothing_of_the_models_opinion_reaches_dana_before_her_commit(
    signed_in: SignedIn, dana: User, case: Case, tmp_path: Path
) -> None:
    record = tmp_path / "dana.har"
    page = signed_in(dana, record_har_path=record, record_har_content="embed")
    for name in ("home", "case-list", "worklist"):
        page.goto(reverse(name))
    page.goto(reverse("case-detail", args=[case.pk]))
    page.goto(reverse("patient-detail", args=[case.patient_id]))
    parts.dana_drafts_blind(page, case)
    parts.dana_commits_and_changes_her_mind(page)
    page.context.close()  # writes the record

    heard = responses(record)
    before, after = before_commit(heard), after_commit(heard)
    assert told(before, case) == set()
    # The record holds what was said, and the search finds it where it may be known.
    assert sum("Halvorsen" in one.text for one in before) >= 5
    assert any(one.url.endswith("/screen/") or one.url.endswith("/file/") for one in before)
    assert {"zweitblick", "saliency.png", "per cent"} <= {mark for _, mark in told(after, case)}


def test_erin_disagrees_on_a_touch_screen(
    signed_in: SignedIn, dana: User, erin: User, case: Case, read_twice: None, look: Look
) -> None:
    first = sign_as(dana, case, "melanoma", "excise", comment="Excise it.")
    page = signed_in(erin, **parts.PHONE)
    parts.erin_disagrees(page, case, look)
    second = Reading.objects.get(reader=erin)
    assert (second.role, second.state, second.is_blind) == ("second", "signed", True)
    read = second.reads.get()
    assert (read.diagnosis, read.management) == (diagnosis("nevus"), "discharge")
    border = Annotation.objects.get(reading=second)
    assert (border.label, border.creator) == ("lesion_border", erin)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.DISCORDANT, None)
    assert is_intact(first)


def test_fred_decides_by_keys_alone(
    signed_in: SignedIn,
    dana: User,
    erin: User,
    fred: User,
    case: Case,
    read_twice: None,
    look: Look,
) -> None:
    sign_as(dana, case, "melanoma", "excise", comment="A veil.")
    sign_as(erin, case, "nevus", "discharge", comment="Quite regular.")
    page = signed_in(fred)

    def reads_are_nameless(page: Page) -> None:
        look(page)
        shown = page.locator("main").inner_text()
        assert "Dana" not in shown
        assert "Erin" not in shown
        is_decided = page.locator("#decide-title").count() == 1
        assert ("A veil." in shown, "Quite regular." in shown) == (is_decided, is_decided)

    parts.fred_decides(page, case, reads_are_nameless)
    reading = Reading.objects.get(reader=fred)
    assert (reading.role, reading.state) == ("adjudication", "signed")
    assert reading.annotations.get().label
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.FINAL, reading)
    assert reading.reads.get().diagnosis == diagnosis("melanoma")


def test_the_answer_is_seen_amended_heard_of_and_held_against_pathology(
    signed_in: SignedIn, dana: User, alice: User, case: Case, look: Look
) -> None:
    first = sign_as(dana, case, "melanoma", "excise")
    clinician = signed_in(alice)
    parts.alice_sees_the_answer(clinician, case, "Dana Demir", look)
    parts.dana_amends(signed_in(dana), case, look)
    case.refresh_from_db()
    amendment = Reading.objects.get(role="amendment")
    assert (case.state, case.answer) == (CaseState.AMENDED, amendment)
    assert (amendment.proof_method, amendment.reads.get().management) == ("password", "biopsy")
    assert first.reads.get().management == "excise"
    assert is_intact(first)

    parts.alice_hears_of_it(clinician, case, look)
    news = Notification.objects.get()
    assert (news.recipient, news.case) == (alice, case)
    assert news.read_at is not None

    parts.alice_records_pathology(clinician, case, look)
    result = PathologyResult.objects.get()
    assert (result.method, result.report) == ("histo", parts.HISTOLOGY)
    row = clinician.get_by_role("row").filter(has_text="Dana Demir").first
    expect(row).to_contain_text("Right")
    assert first.reads.get().state == ReadState.SIGNED


def test_the_whole_way_of_one_case(
    signed_in: SignedIn,
    alice: User,
    dana: User,
    erin: User,
    fred: User,
    case: Case,
    northside: Organisation,
    read_twice: None,
) -> None:
    page = signed_in(dana)
    parts.dana_drafts_blind(page, case)
    parts.dana_commits_and_changes_her_mind(page)
    parts.dana_signs(page)
    page.context.close()
    parts.erin_disagrees(signed_in(erin, **parts.PHONE), case)
    parts.fred_decides(signed_in(fred), case)
    clinician = signed_in(alice)
    parts.alice_sees_the_answer(clinician, case, "Fred Falk")
    parts.dana_amends(signed_in(dana), case)  # another day, another session
    parts.alice_hears_of_it(clinician, case)
    parts.alice_records_pathology(clinician, case)

    readings = list(Reading.objects.order_by("assigned_at"))
    assert [(one.reader, one.role) for one in readings] == [
        (dana, "first"), (erin, "second"), (fred, "adjudication"), (dana, "amendment"),
    ]  # fmt: skip
    assert all(one.state == ReadingState.SIGNED and is_intact(one) for one in readings)
    assert len({one.digest for one in readings}) == 4
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.AMENDED, readings[-1])
    assert Annotation.objects.filter(reading__in=readings).count() == 3
    assert PathologyResult.objects.count() == 1
