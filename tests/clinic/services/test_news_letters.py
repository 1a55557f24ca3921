"""Mail about news: it says nothing of the case, and what cannot be sent is not lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, Notification, NotificationKind
from clinic.services import amend_answer
from clinic.services.news_letters import TRIES, send_news
from clinic.tasks import send_notifications_task
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import diagnosis

TROUBLE: dict[str, Exception] = {}


class MoodyBackend(EmailBackend):
    """A mail server that refuses some addresses, or everything."""

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            for address in ("*", *message.to):
                if address in TROUBLE:
                    raise TROUBLE[address]
        return super().send_messages(messages)


@pytest.fixture
def moody(settings: Any) -> Iterator[dict[str, Exception]]:
    settings.EMAIL_BACKEND = f"{__name__}.MoodyBackend"
    TROUBLE.clear()
    yield TROUBLE
    TROUBLE.clear()


@pytest.fixture
def case(northside: Organisation, alice: User) -> Case:
    return waiting_case(
        northside, submitter=alice, number=42, clinical_question="Bleeding mole, melanoma?"
    )


def tell(person: User, case: Case) -> Notification:
    return Notification.objects.create(recipient=person, case=case, kind=NotificationKind.AMENDED)


def later(news: Notification) -> Notification:
    """The pause is over."""
    Notification.objects.update(try_after=timezone.now() - timedelta(seconds=1))
    news.refresh_from_db()
    return news


def test_the_mail_carries_the_reference_and_a_link_and_nothing_of_the_case(
    case: Case, alice: User, dana: User, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://clinic.example/"
    first = sign_as(dana, case, "nevus", comment="Regular.")
    amend_answer(
        case=case,
        reader=dana,
        reason="Histology.",
        based_on=first,
        opinions={
            case.images.get().lesion_id: {
                "diagnosis": diagnosis("melanoma"), "management": "excise",
            }
        },
    )  # fmt: skip
    assert send_notifications_task() == 1
    [letter] = mail.outbox
    assert letter.to == [alice.email]
    path = reverse("case-detail", args=[case.pk])
    assert f"https://clinic.example{path}" in letter.body
    assert "C-00042" in letter.subject
    said = f"{letter.subject}\n{letter.body}".casefold()
    for secret in (
        "amend", "melanoma", "nevus", "histology", "regular", "bleeding", "excise", "demir",
        case.patient.family_name, case.patient.given_name, case.patient.medical_record_number,
    ):  # fmt: skip
        assert secret.casefold() not in said
    assert send_notifications_task() == 0
    assert len(mail.outbox) == 1


def test_what_was_read_on_the_page_needs_no_mail(case: Case, alice: User) -> None:
    news = tell(alice, case)
    news.read_at = timezone.now()
    news.save()
    assert send_news() == 0


def test_a_server_that_is_down_costs_no_try_and_loses_nothing(
    case: Case, alice: User, moody: dict[str, Exception]
) -> None:
    news = tell(alice, case)
    for trouble in (ConnectionRefusedError(), SMTPServerDisconnected("gone"), TimeoutError()):
        moody["*"] = trouble
        for _ in range(4):
            assert send_news() == 0
            later(news)
        assert (news.attempts, news.emailed_at) == (0, None)
    moody.clear()
    assert send_news() == 1
    news.refresh_from_db()
    assert news.emailed_at is not None


def test_an_address_that_refuses_is_tried_three_times_with_pauses_and_holds_up_nobody(
    case: Case, alice: User, dana: User, moody: dict[str, Exception]
) -> None:
    refused, fine = tell(alice, case), tell(dana, case)
    moody[alice.email] = SMTPRecipientsRefused({alice.email: (550, b"no such person")})
    assert send_news() == 1
    fine.refresh_from_db()
    assert fine.emailed_at is not None
    for attempt in range(1, TRIES + 1):
        refused.refresh_from_db()
        assert refused.attempts == attempt
        assert send_news() == 0  # not before the pause is over
        refused.refresh_from_db()
        assert refused.attempts == attempt
        later(refused)
        send_news()
    refused.refresh_from_db()
    assert (refused.attempts, refused.emailed_at) == (TRIES, None)
    moody.clear()
    later(refused)
    assert send_news() == 0


def test_a_refused_mail_that_is_taken_later_is_sent_once(
    case: Case, alice: User, moody: dict[str, Exception]
) -> None:
    news = tell(alice, case)
    moody[alice.email] = SMTPDataError(451, b"later please")
    assert send_news() == 0
    moody.clear()
    later(news)
    assert send_news() == 1
    assert send_news() == 0
    assert len(mail.outbox) == 1


def test_nobody_who_has_left_the_house_gets_mail(case: Case, alice: User) -> None:
    tell(alice, case)
    alice.is_active = False
    alice.save()
    assert send_news() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(case: Case, alice: User, dana: User) -> None:
    """A row that one worker has locked is passed over by the other."""
    held, free = tell(alice, case), tell(dana, case)
    sent: list[int] = []

    def other_worker() -> None:
        sent.append(send_news())
        connection.close()

    with transaction.atomic():
        Notification.objects.select_for_update().get(pk=held.pk)
        worker = threading.Thread(target=other_worker)
        worker.start()
        worker.join(timeout=20)
    assert sent == [1]
    assert [letter.to for letter in mail.outbox] == [[dana.email]]
    assert send_news() == 1
    free.refresh_from_db()
    assert free.attempts == 1
