"""News for people. The rows are the truth; the e-mail follows them."""

from accounts.models import User
from clinic.models import Case, Notification, NotificationKind


def notify(*, recipient: User, case: Case, kind: NotificationKind) -> Notification:
    """Leave a piece of news, within the transaction of what it is about."""
    return Notification.objects.create(recipient=recipient, case=case, kind=kind)
