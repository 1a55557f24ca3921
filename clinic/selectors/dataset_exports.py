"""Exports of frozen versions: who may see them, and what is in one."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from clinic.datasets.formats import FORMATS
from clinic.datasets.manifest import ManifestRow
from clinic.models import (
    DatasetDownload,
    DatasetExport,
    DatasetExportFile,
    DatasetVersion,
    ExportDelivery,
    ExportState,
)
from clinic.selectors.datasets import open_rows, visible_dataset_versions

UNFINISHED = (ExportState.QUEUED, ExportState.RUNNING)
MEMBERS_AT_ONCE = 1000
DOWNLOADS_SHOWN = 5


class Member(NamedTuple):
    """A file of an export: its name there, its size in bytes, where it lies in storage."""

    path: str
    size: int
    stored: str


def visible_exports(user: User | AnonymousUser) -> QuerySet[DatasetExport]:
    """Of versions whose every organisation the person administers; the newest first."""
    return DatasetExport.objects.filter(version__in=visible_dataset_versions(user)).select_related(
        "version__dataset", "requested_by"
    )


def exports_of(version: DatasetVersion) -> QuerySet[DatasetExport]:
    """The exports of a version that a person may see; `newest_downloads` are the last few."""
    downloads = DatasetDownload.objects.select_related("user").order_by("-at", "-id")
    newest = Prefetch("downloads", downloads[:DOWNLOADS_SHOWN], to_attr="newest_downloads")
    return (
        version.exports.select_related("requested_by", "version__dataset")
        .annotate(download_count=Count("downloads"))
        .prefetch_related(newest)
        .order_by("-created_at", "-id")
    )


def visible_export_files(user: User | AnonymousUser) -> QuerySet[DatasetExportFile]:
    """The files of exports handed over as plain files."""
    return DatasetExportFile.objects.filter(
        export__in=visible_exports(user).order_by(), export__delivery=ExportDelivery.FILES
    ).select_related("export__version__dataset", "export__requested_by")


def is_being_written(version: DatasetVersion) -> bool:
    """Whether an export of the version waits or is being written."""
    return version.exports.filter(state__in=UNFINISHED).exists()


def exports_due() -> QuerySet[DatasetExport]:
    """What a worker may take now, the longest waiting first; also of dead workers."""
    now = timezone.now()
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=now)
    return DatasetExport.objects.filter(free, state__in=UNFINISHED).order_by("created_at", "id")


def members_of(export: DatasetExport) -> Iterator[Member]:
    """What belongs into the zip of an export, always in the same order; streams.

    First what was written for it, then the images: those of withdrawn rows are left out.
    """
    place = (-1, "")
    while page := _written_after(export, *place):
        for step, path, size in page:
            yield Member(path, size, f"{export.prefix}/{path}")
            place = (step, path)
    form = FORMATS[export.format]
    if not form.has_images:
        return
    number = 0
    while rows := images_after(export.version_id, number):
        for row, stored in rows:
            number = row.number
            if name := form.image_path(row):
                yield Member(name, row.size_bytes, stored)


def images_after(version: UUID, number: int) -> list[tuple[ManifestRow, str]]:
    """The next rows of a version that may be used, each with where its image is stored."""
    rows = (
        open_rows(DatasetVersion(id=version))
        .filter(number__gt=number)
        .values_list(*ManifestRow._fields, "source__file")[:MEMBERS_AT_ONCE]
    )
    return [(ManifestRow._make(columns), stored) for *columns, stored in rows]


def _written_after(export: DatasetExport, step: int, path: str) -> list[tuple[int, str, int]]:
    files = DatasetExportFile.objects.filter(export_id=export.pk, row__isnull=True)
    behind = Q(step__gt=step) | Q(step=step, path__gt=path)
    page = files.filter(behind).order_by("step", "path")
    return list(page.values_list("step", "path", "size_bytes")[:MEMBERS_AT_ONCE])
