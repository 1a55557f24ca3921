"""News for people. The rows are the truth; the bell of the page and the e-mail follow them."""

from django.utils import timezone

from accounts.doorbell import BELL_LIVES_SECONDS, once_on_commit, send_task
from accounts.models import User
from clinic.models import Case, Notification, NotificationKind


def notify(*, recipient: User, case: Case, kind: NotificationKind) -> Notification:
    """Leave a piece of news, within the transaction of what it is about."""
    news = Notification.objects.create(recipient=recipient, case=case, kind=kind)
    once_on_commit(ring_for_news)
    return news


def mark_news_read(*, recipient: User, case: Case) -> int:
    """The person has opened the case: its news are no news any more. Returns how many were."""
    return Notification.objects.filter(recipient=recipient, case=case, read_at__isnull=True).update(
        read_at=timezone.now()
    )


def ring_for_news() -> None:
    """Wake a worker; the sweep of every minute does what a lost message would have done."""
    from clinic.tasks import send_notifications_task

    send_task(send_notifications_task, expires=BELL_LIVES_SECONDS)
