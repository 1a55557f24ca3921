"""Asking for an export, taking the request back, asking once more."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.doorbell import once_on_commit
from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import User
from clinic.datasets.formats import FORMATS
from clinic.models import DatasetExport, DatasetVersion, ExportDelivery, ExportState
from clinic.selectors.dataset_exports import UNFINISHED
from clinic.selectors.datasets import open_rows, visible_dataset_versions
from clinic.services.dataset_exports.queue import ring_for_exports
from clinic.services.datasets.turns import wait_for_turn


@transaction.atomic
def request_export(
    *,
    version: DatasetVersion,
    format: str,  # noqa: A002  # the field's word
    delivery: str,
    actor: User,
) -> DatasetExport:
    """Ask for a version in a format. Asked for twice, it is written once.

    One that is ready stays ready for as long as a new one would. Raises InvalidInput for a format
    or a delivery that does not exist, NotAllowed for who does not administer every organisation of
    the version, Conflict where nothing is left to export.
    """
    _require_administrator(actor, version)
    if format not in FORMATS:
        raise InvalidInput("Choose one of the formats.", field="format")
    if delivery not in ExportDelivery.values:
        raise InvalidInput("Choose a zip file or plain files.", field="delivery")
    # A withdrawal that is under way would not see this export, nor this export the withdrawal.
    wait_for_turn()
    if not open_rows(version).exists():
        raise Conflict("Every patient of this version has withdrawn consent: nothing is left.")
    same = DatasetExport.objects.select_for_update().filter(
        version=version, format=format, delivery=delivery
    )
    if found := same.filter(state__in=UNFINISHED).first():
        return found
    if found := same.filter(state=ExportState.SUCCEEDED, expires_at__gt=timezone.now()).first():
        found.expires_at = timezone.now() + settings.EXPORT_KEPT
        found.save(update_fields=["expires_at"])
        return found
    try:
        with transaction.atomic():
            export = DatasetExport.objects.create(
                version=version, format=format, delivery=delivery, requested_by=actor
            )
    except IntegrityError:  # the second click was as quick as the first
        return same.get(state__in=UNFINISHED)
    once_on_commit(ring_for_exports)
    return export


@transaction.atomic
def cancel_export(*, export: DatasetExport, actor: User) -> DatasetExport:
    """Stop an export that waits or is being written; what was written of it is removed.

    Cancelled twice is cancelled. Raises Conflict for one that is finished.
    """
    _require_administrator(actor, export.version)
    export = DatasetExport.objects.select_for_update().get(pk=export.pk)
    if export.state == ExportState.CANCELLED:
        return export
    if export.state not in UNFINISHED:
        raise Conflict("This export is finished and cannot be cancelled any more.")
    # The worker's lease stays: until it has noticed, nothing below the prefix is removed.
    export.state = ExportState.CANCELLED
    export.claimed_by = ""
    export.finished_at = timezone.now()
    export.save(update_fields=["state", "claimed_by", "finished_at"])
    return export


@transaction.atomic
def retry_export(*, export: DatasetExport, actor: User) -> DatasetExport:
    """Go on with an export that failed, behind what lies there whole. Raises Conflict otherwise."""
    _require_administrator(actor, export.version)
    wait_for_turn()
    export = DatasetExport.objects.select_for_update().get(pk=export.pk)
    if export.state in UNFINISHED:
        return export
    if export.state != ExportState.FAILED:
        raise Conflict("Only an export that failed can be tried again.")
    others = export.version.exports.filter(format=export.format, delivery=export.delivery)
    if others.filter(state__in=UNFINISHED).exists():
        raise Conflict("This export is being written already.")
    export.state = ExportState.QUEUED
    export.attempts, export.reason = 0, ""
    export.finished_at = export.lease_expires_at = export.expires_at = None
    export.save(
        update_fields=[
            "state", "attempts", "reason", "finished_at", "lease_expires_at", "expires_at",
        ]
    )  # fmt: skip
    once_on_commit(ring_for_exports)
    return export


def _require_administrator(actor: User, version: DatasetVersion) -> None:
    if not visible_dataset_versions(actor).filter(pk=version.pk).exists():
        msg = "Only administrators of every organisation in this data set can do that."
        raise NotAllowed(msg)
