"""E-mail about news. A server that is down loses nothing; an address that refuses is tried thrice.

The mail says that there is news of a case, and where. Its words never depend on the case: mail is
read over shoulders, forwarded, and kept by servers that nobody here knows.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from clinic.models import Notification

logger = logging.getLogger(__name__)

TRIES = 3
# After the first refusal and after the second.
PAUSES = (timedelta(minutes=5), timedelta(hours=1))
# Faults of this mail. Whatever else goes wrong on the way is the mail server's (every other
# SMTPException and OSError): no try is counted, and the run ends.
REFUSALS = (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupportedError, ValueError)
AFTER_TROUBLE = timedelta(minutes=1)
SUBJECT = "News of case {reference}"
BODY = """Hello,

there is news of case {reference} in Second Look. Sign in to read it:

{address}

This message says no more on purpose: the record stays behind the sign-in.
"""


class Outcome(Enum):
    """What became of one turn."""

    SENT = "sent"
    REFUSED = "refused"
    SERVER_DOWN = "server down"
    NOTHING_DUE = "nothing due"


def send_news(*, most: int = 200) -> int:
    """Send what was not sent yet, oldest first; returns how many mails went out.

    Each row is locked while its mail is on the way, and passed over by other workers. A worker that
    is killed between the sending and the commit sends that one mail again: twice is better than
    never.
    """
    sent = 0
    with _connection() as connection:
        for _ in range(most):
            outcome = _send_next(connection)
            sent += outcome == Outcome.SENT
            if outcome in {Outcome.SERVER_DOWN, Outcome.NOTHING_DUE}:
                break
    return sent


@transaction.atomic
def _send_next(connection: BaseEmailBackend) -> Outcome:
    now = timezone.now()
    due = Notification.objects.filter(
        Q(try_after__isnull=True) | Q(try_after__lte=now),
        emailed_at__isnull=True,
        read_at__isnull=True,
        attempts__lt=TRIES,
        recipient__is_active=True,
    )
    news = (
        due.select_for_update(of=("self",), skip_locked=True)
        .select_related("recipient", "case")
        # What was tried waits behind what was not, so that one bad mail holds up no other.
        .order_by(F("try_after").asc(nulls_first=True), "created_at", "id")
        .first()
    )
    if news is None:
        return Outcome.NOTHING_DUE
    outcome = _try(news, connection)
    if outcome != Outcome.SERVER_DOWN:
        news.attempts += 1
    if outcome == Outcome.SENT:
        news.emailed_at = timezone.now()
    elif outcome == Outcome.REFUSED:
        news.try_after = now + PAUSES[min(news.attempts, len(PAUSES)) - 1]
    else:
        news.try_after = now + AFTER_TROUBLE
    news.save(update_fields=["attempts", "emailed_at", "try_after"])
    return outcome


def _try(news: Notification, connection: BaseEmailBackend) -> Outcome:
    try:
        _letter(news, connection).send()
    except REFUSALS as refusal:
        logger.warning("The mail about news %s was refused: %s", news.pk, refusal)
        return Outcome.REFUSED
    except OSError as trouble:
        logger.warning("The mail server took nothing; a later sweep tries again: %s", trouble)
        return Outcome.SERVER_DOWN
    return Outcome.SENT


def _letter(news: Notification, connection: BaseEmailBackend) -> EmailMessage:
    reference = news.case.reference
    address = settings.PUBLIC_URL.rstrip("/") + reverse("case-detail", args=[news.case_id])
    return EmailMessage(
        SUBJECT.format(reference=reference),
        BODY.format(reference=reference, address=address),
        to=[news.recipient.email],
        connection=connection,
        # Nobody answers it, and no out-of-office reply is wanted (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )


@contextmanager
def _connection() -> Iterator[BaseEmailBackend]:
    """One connection for the whole run, opened by its first mail."""
    connection = get_connection(fail_silently=False)
    try:
        yield connection
    finally:
        try:
            connection.close()
        except OSError as trouble:
            logger.info("The mail server hung up: %s", trouble)
