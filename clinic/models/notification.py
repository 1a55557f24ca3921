"""What a person should hear about a case."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class NotificationKind(models.TextChoices):
    """Why."""

    AMENDED = "amended", "The answer was amended"


class Notification(Record):
    """One piece of news for one person: on the home page until it is read, and by e-mail.

    The e-mail says no more than that there is news: what it is stands behind the sign-in. A mail
    that was refused is tried again from `try_after` on.
    """

    recipient = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="notifications"
    )
    case = models.ForeignKey("clinic.Case", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind)
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"
            )
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at"],
                name="notification_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["created_at"],
                name="notification_to_send",
                condition=Q(emailed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
