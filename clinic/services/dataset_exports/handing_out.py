"""Who was handed which file, and what is handed out no longer."""

from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from clinic.models import DatasetDownload, DatasetExport, ExportState
from clinic.services.dataset_exports.refusals import ExportGone, ExportNotReady

ANEW = "Write it again to get it."


def require_ready(*, export: DatasetExport) -> None:
    """Refuse what is not ready (ExportNotReady) or no longer handed out (ExportGone)."""
    if is_over(export):
        why = export.reason or "This export has expired."
        raise ExportGone(f"{why} {ANEW}")
    if export.state != ExportState.SUCCEEDED:
        state = export.get_state_display().lower()
        raise ExportNotReady(f"This export cannot be downloaded: {state}.")


def is_over(export: DatasetExport) -> bool:
    """Whether it was ready once and is no longer, whether or not its files are removed yet."""
    if export.state == ExportState.EXPIRED:
        return True
    expires_at = export.expires_at
    return (
        export.state == ExportState.SUCCEEDED
        and expires_at is not None
        and expires_at <= timezone.now()
    )


def log_download(*, export: DatasetExport, user: User, path: str, address: str | None) -> None:
    """Note that a person was handed a file of an export."""
    DatasetDownload.objects.create(export=export, user=user, path=path, address=address)


def archive_name(export: DatasetExport) -> str:
    """What the zip is called on the disk of whoever downloads it."""
    version = export.version
    name = slugify(version.dataset.name if version.dataset else "") or "data-set"
    return f"{name}-v{version.number}-{export.format}.zip"
