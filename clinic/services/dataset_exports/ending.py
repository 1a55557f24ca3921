"""What ends an export: its time, and a patient who withdraws consent. Files go with it."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.doorbell import once_on_commit
from clinic.models import DatasetExport, DatasetRow, ExportState
from clinic.selectors.dataset_exports import UNFINISHED
from clinic.services.dataset_exports.queue import ring_for_exports
from clinic.services.dataset_exports.stored import remove_below

WITHDRAWN = "A patient has withdrawn consent since it was written, so this export was taken back."
BEGUN_ANEW = "A patient withdrew consent while it was being written; it was begun anew without."

# What has files that wait for somebody: to be fetched, or to be gone on from.
KEPT = (ExportState.SUCCEEDED, ExportState.FAILED)


@transaction.atomic
def block_exports_of(*, rows: Collection[int]) -> int:
    """Take back every export that may hold one of these frozen rows; returns how many.

    Not only its image goes: tables and annotations name the row too. What is ready is handed out
    no more from this moment; what waits or is being written is begun anew, without the rows. Must
    run inside the transaction that writes their tombstones.
    """
    versions = DatasetRow.objects.filter(pk__in=rows).order_by().values("version")
    affected = DatasetExport.objects.select_for_update().filter(
        version__in=versions, state__in=[*UNFINISHED, *KEPT]
    )
    now, count = timezone.now(), 0
    for export in affected:
        begins_anew = export.state in UNFINISHED
        export.state = ExportState.CANCELLED if begins_anew else ExportState.EXPIRED
        export.reason = BEGUN_ANEW if begins_anew else WITHDRAWN
        export.claimed_by, export.finished_at, export.expires_at = "", now, now
        export.save(update_fields=["state", "reason", "claimed_by", "finished_at", "expires_at"])
        if begins_anew:
            DatasetExport.objects.create(
                version_id=export.version_id, format=export.format, delivery=export.delivery,
                requested_by_id=export.requested_by_id,
            )  # fmt: skip
            once_on_commit(ring_for_exports)
        count += 1
    return count


def expire_exports() -> int:
    """End what has been kept long enough; returns how many."""
    over = DatasetExport.objects.filter(state__in=KEPT, expires_at__lte=timezone.now())
    return over.update(state=ExportState.EXPIRED)


def remove_ended_exports() -> int:
    """Remove the files of what has ended; returns of how many exports.

    Not before the lease of a worker that may still be writing has run out.
    """
    ended = DatasetExport.objects.filter(
        Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=timezone.now()),
        state__in=[ExportState.CANCELLED, ExportState.EXPIRED],
    ).exclude(prefix="")
    keys = list(ended.values_list("pk", flat=True))
    for key in keys:
        _remove_files(key)
    return len(keys)


@transaction.atomic
def _remove_files(key: UUID) -> None:
    export = DatasetExport.objects.select_for_update(skip_locked=True).filter(pk=key).first()
    if export is None or not export.prefix:
        return
    # First the files: if that fails, the rows still say where they are.
    remove_below(export.prefix)
    export.files.all().delete()
    export.prefix = ""
    export.save(update_fields=["prefix"])
