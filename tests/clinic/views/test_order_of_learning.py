"""The worklist in the order of what the next model would learn most from."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import AnnotationPick, Case, PickReason
from clinic.services import commit_reading, reveal_opinion, save_read
from tests.cast import signed_in
from tests.clinic.reading_cases import waiting_case
from tests.clinic.views.reading.desk import proved
from tests.clinic.views.test_worklist import NEXT, WORKLIST, shown
from tests.factories import PatientFactory, diagnosis


def in_order_of_learning(*cases: Case) -> None:
    """What was picked for the next model, the first case first."""
    for rank, case in enumerate(cases, start=1):
        AnnotationPick.objects.create(
            case=case, organisation=case.organisation, rank=rank, reason="disagreement"
        )


def test_a_reader_can_ask_for_what_the_next_model_would_learn_most_from(
    northside: Organisation, dana: User
) -> None:
    third, second, first = (
        waiting_case(northside, answer="none", hours=hours) for hours in (9, 5, 1)
    )
    in_order_of_learning(first, second)
    assert shown(dana) == [case.reference for case in (third, second, first)]
    assert shown(dana, order="learning") == [case.reference for case in (first, second, third)]
    response = signed_in(dana).get(WORKLIST, {"order": "learning", "text": "halvorsen"})
    assert [(link["label"], link["is_current"]) for link in response.context["orders"]] == [
        ("Most urgent", False), ("Most to learn from", True),
    ]  # fmt: skip
    assert all("text=halvorsen" in link["url"] for link in response.context["orders"])
    assert "order=learning" in response.context["priorities"][0]["url"]
    assert response.context["clear_url"] == f"{WORKLIST}?order=learning"
    assert '<input type="hidden" name="order" value="learning"' in response.content.decode()


@pytest.mark.parametrize("order", ["urgent", "", "risk", "%%%"])
def test_any_other_order_is_by_urgency(northside: Organisation, dana: User, order: str) -> None:
    old, new = (waiting_case(northside, answer="none", hours=hours) for hours in (9, 1))
    in_order_of_learning(new)
    assert shown(dana, order=order) == [old.reference, new.reference]


def test_the_order_does_not_say_why_a_case_was_picked(northside: Organisation, dana: User) -> None:
    """Two lists that differ in the reasons only are the same page, blind or not."""
    case = waiting_case(northside, answer="none")
    client, pages = signed_in(dana), []
    for reason in PickReason.values:
        AnnotationPick.objects.update_or_create(
            case=case, defaults={"organisation": northside, "rank": 1, "reason": reason}
        )
        page = client.get(WORKLIST, {"order": "learning"}).content.decode()
        pages.append(re.sub(r"\b[A-Za-z0-9]{64}\b", "", page))
    assert len(set(pages)) == 1
    for label in PickReason.labels:
        assert label not in pages[0]


def test_reading_next_goes_on_in_the_order_that_was_looked_at(
    northside: Organisation, dana: User
) -> None:
    old, second, first = (
        waiting_case(northside, answer="none", hours=hours) for hours in (9, 5, 1)
    )
    in_order_of_learning(first, second)
    client = signed_in(dana)
    taken = client.post(NEXT, {"order": "learning"})
    assert taken.headers["Location"] == reverse("case-review", args=[first.pk])
    ahead = client.get(reverse("worklist-ahead"), {"after": str(first.pk)}).json()
    assert ahead["url"] == reverse("case-review", args=[second.pk])
    skipped = client.post(NEXT, {"after": str(first.pk)})  # the desk's button knows no order
    assert skipped.headers["Location"] == reverse("case-review", args=[second.pk])
    assert client.get(WORKLIST).context["order"] == "learning"
    urgent = client.post(NEXT, {"order": "urgent"})
    assert urgent.headers["Location"] == reverse("case-review", args=[old.pk])
    assert client.get(WORKLIST).context["order"] == "urgent"


def test_after_a_signature_the_next_case_is_of_the_same_order(
    northside: Organisation, dana: User
) -> None:
    waiting_case(northside, answer="none", hours=90)
    second, first = (waiting_case(northside, answer="none", hours=hours) for hours in (5, 1))
    in_order_of_learning(first, second)
    client = proved(dana)
    client.post(NEXT, {"order": "learning"})
    lesion = first.images.get().lesion
    nevus = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    save_read(case=first, lesion=lesion, reader=dana, **nevus)
    commit_reading(case=first, reader=dana)
    reveal_opinion(case=first, reader=dana)
    signed = client.post(reverse("case-sign", args=[first.pk]), {"then": "next"})
    assert signed.headers["Location"] == reverse("case-review", args=[second.pk])


def test_looking_at_an_order_keeps_none(northside: Organisation, dana: User) -> None:
    client = signed_in(dana)
    client.get(WORKLIST, {"order": "learning"})
    assert client.get(WORKLIST).context["order"] == "urgent"


def test_paging_by_learning_shows_each_case_once_while_others_are_submitted(
    northside: Organisation, dana: User
) -> None:
    patient = PatientFactory(organisation=northside)
    at = timezone.now() - timedelta(days=1)
    cases = Case.objects.bulk_create(
        Case(
            organisation=northside, patient=patient, number=number, submitter=dana,
            state="submitted", submitted_at=at, priority=number % 2,
        )
        for number in range(1, 61)
    )  # fmt: skip
    in_order_of_learning(*cases[10:45])
    client, url, seen = signed_in(dana), f"{WORKLIST}?order=learning", []
    back = ""
    while url:
        page = client.get(url).context["page"]
        seen += [case.number for case in page.rows]
        if len(seen) == 25:
            waiting_case(northside, answer="none", priority=2, number=999)
        back = page.newer_url or back
        url = WORKLIST + page.older_url if page.older_url else ""
    ranked = [*range(11, 46), *range(1, 11), *range(46, 61)]
    urgent, routine = ([n for n in ranked if n % 2 == odd] for odd in (1, 0))
    assert sorted(seen) == list(range(1, 61))
    assert [n for n in seen if n in range(11, 46)] == [
        n for n in [*urgent, *routine] if n in range(11, 46)
    ]
    newer = [case.number for case in client.get(WORKLIST + back).context["page"].rows]
    assert newer == seen[25:50]


def test_by_learning_takes_as_many_queries_as_by_urgency(
    northside: Organisation, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.views.worklist.PAGE_SIZE", 50)
    client, counts = signed_in(dana), {}
    for more in (1, 29):
        for case in [waiting_case(northside) for _ in range(more)]:
            AnnotationPick.objects.create(
                case=case, organisation=northside, rank=case.number, reason="audit"
            )
        for order in ("urgent", "learning"):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(WORKLIST, {"order": order})
            assert response.context["order"] == order
            counts[more, order] = len(queries)
    assert counts[1, "learning"] == counts[29, "learning"]
    assert counts[29, "learning"] <= counts[29, "urgent"]
