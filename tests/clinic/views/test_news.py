"""News: the bell, the page, the start page, and what marks them as read."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Organisation, User
from accounts.services import end_membership
from clinic.models import Case, Notification, NotificationKind
from tests.cast import signed_in
from tests.clinic.reading_cases import waiting_case

NEWS = reverse("news")


@pytest.fixture
def case(northside: Organisation, alice: User) -> Case:
    return waiting_case(northside, submitter=alice, number=42)


def tell(person: User, case: Case) -> Notification:
    return Notification.objects.create(recipient=person, case=case, kind=NotificationKind.AMENDED)


def bell(client: Client) -> str:
    page = " ".join(client.get("/patients/").content.decode().split())
    return page[page.index(f'href="{NEWS}"') :].split("</a>")[0]


def test_the_bell_counts_what_is_unread_and_opening_the_case_reads_it(
    case: Case, alice: User
) -> None:
    client = signed_in(alice)
    assert "unread" not in bell(client)
    tell(alice, case)
    tell(alice, case)
    assert 'News, unread:</span><span class="count">2</span>' in bell(client)
    home = " ".join(client.get("/").content.decode().split())
    assert "C-00042 was amended" in home
    assert client.get(NEWS).content.decode().count("C-00042 was amended") == 2
    assert "unread" in bell(client)  # looking at the list is not reading
    client.get(reverse("case-detail", args=[case.pk]))
    assert "unread" not in bell(client)
    assert "C-00042 was amended" not in client.get("/").content.decode()
    assert "C-00042 was amended" in client.get(NEWS).content.decode()  # it stays readable


def test_a_colleague_who_opens_the_case_reads_nobody_elses_news(
    case: Case, alice: User, dana: User
) -> None:
    mine, hers = tell(alice, case), tell(dana, case)
    signed_in(dana).get(reverse("case-detail", args=[case.pk]))
    mine.refresh_from_db()
    hers.refresh_from_db()
    assert mine.read_at is None
    assert hers.read_at is not None


def test_whoever_has_left_hears_no_more(case: Case, alice: User, southside: Organisation) -> None:
    from accounts.models import Role
    from accounts.services import grant_role

    tell(alice, case)
    grant_role(user=alice, organisation=southside, role=Role.CLINICIAN)
    end_membership(membership=Membership.objects.get(user=alice, organisation=case.organisation))
    client = signed_in(alice)
    assert "unread" not in bell(client)
    assert "C-00042" not in client.get(NEWS).content.decode()


def test_no_news_says_what_will_stand_there(alice: User) -> None:
    assert "You hear here when the answer" in signed_in(alice).get(NEWS).content.decode()


def test_fifty_news_cost_the_queries_of_one(
    case: Case, alice: User, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(alice)
    tell(alice, case)
    counts = []
    for more in (0, 49):
        for _ in range(more):
            tell(alice, case)
        with django_assert_max_num_queries(12) as asked:
            client.get(NEWS)
        counts.append(len(asked))
    assert counts[0] == counts[1]
