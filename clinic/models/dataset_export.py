"""A frozen version written out in one format, and who fetched it."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record

MAX_ATTEMPTS = 5


class ExportState(models.TextChoices):
    """The row is the truth; the message is only a doorbell."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being written"
    SUCCEEDED = "succeeded", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired and removed"


class ExportDelivery(models.TextChoices):
    """How it is handed over."""

    ZIP = "zip", "One zip file"
    FILES = "files", "Plain files"


class DatasetExport(Record):
    """A job: `done` of `total` documents and rows are written below `prefix` in storage.

    A running row belongs to its worker (`claimed_by`) until `lease_expires_at`; on a waiting one
    that is when the next try is due. `files` (`DatasetExportFile`) lie there whole: a new try goes
    on behind them. After `expires_at` nothing is handed out, and the files are removed.
    """

    version = models.ForeignKey(
        "clinic.DatasetVersion", on_delete=models.PROTECT, related_name="exports"
    )
    format = models.CharField(max_length=20)
    delivery = models.CharField(max_length=5, choices=ExportDelivery, default=ExportDelivery.ZIP)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    prefix = models.CharField(max_length=120, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed, in words.")
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(delivery__in=ExportDelivery.values), name="export_delivery_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False),
                name="running_export_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(expires_at__isnull=False),
                name="export_that_is_ready_expires",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="failed_export_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=MAX_ATTEMPTS), name="export_tries_are_bounded"
            ),
            models.UniqueConstraint(
                fields=["version", "format", "delivery"],
                condition=Q(state__in=["queued", "running"]),
                name="same_export_is_written_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="export_queue",
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.version}"


class DatasetDownload(models.Model):
    """One file of an export that was handed out. Only ever added to."""

    export = models.ForeignKey(DatasetExport, on_delete=models.PROTECT, related_name="downloads")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=200, help_text="Inside the export; the zip is its name.")
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.path}"
