"""Versions with pictures, and exports of them as people get them."""

from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import (
    DatasetExport,
    DatasetRow,
    DatasetTombstone,
    DatasetVersion,
    ExportState,
    LesionImage,
)
from clinic.services.dataset_exports import archive_pieces, pieces_of, request_export
from clinic.services.dataset_exports.archive import archive_folder
from clinic.signals import consent_withdrawn
from clinic.tasks import write_exports_task
from tests.clinic.imaging.pictures import jpeg
from tests.dataset_factories import a_version
from tests.factories import CaseFactory, LesionImageFactory, PatientFactory, UserFactory


def a_picture(organisation: Organisation, content: bytes, **values: Any) -> LesionImage:
    """An image of a new patient, with these bytes as its file."""
    case = CaseFactory(patient=PatientFactory(organisation=organisation))
    file = ContentFile(content, name="image.jpg")
    return LesionImageFactory(case=case, file=file, size_bytes=len(content), **values)


def pictured_version(
    organisation: Organisation,
    count: int = 3,
    *,
    contents: Iterable[bytes] | None = None,
    **values: Any,
) -> DatasetVersion:
    """A version of that many images, each of a patient of its own, in the three parts in turn."""
    contents = contents or [jpeg(64, 48, quality=80 - number % 40) for number in range(count)]
    images = [a_picture(organisation, content, width=64, height=48) for content in contents]
    splits = ("train", "validation", "test")
    rows = [{"split": splits[number % 3]} for number in range(len(images))]
    header = {"seed": 1, "description": {"consent": "sharing"}}
    with transaction.atomic():  # rows come before their version
        return a_version(*images, rows=rows, **{"header": header, **values})


def written(
    version: DatasetVersion, actor: User, form: str = "isic", delivery: str = "zip"
) -> DatasetExport:
    """An export that a worker has written."""
    export = request_export(version=version, format=form, delivery=delivery, actor=actor)
    assert write_exports_task() is True
    export.refresh_from_db()
    assert export.state == ExportState.SUCCEEDED, export.reason
    return export


def files_in(export: DatasetExport) -> dict[str, bytes]:
    """What somebody has who fetched all of an export: bytes by name inside it."""
    if export.delivery == "files":
        return {
            path: b"".join(pieces_of(f"{export.prefix}/{path}"))
            for path in export.files.values_list("path", flat=True)
        }
    content = b"".join(archive_pieces(export))
    assert len(content) == export.size_bytes, "as long as it was announced"
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        folder = f"{archive_folder(export)}/"
        names = archive.namelist()
        assert all(name.startswith(folder) for name in names)
        assert len(names) == len(set(names))
        return {name.removeprefix(folder): archive.read(name) for name in names}


def operator() -> User:
    """Who runs the installation and sees every organisation."""
    return UserFactory(is_superuser=True)


def withdraw(row: DatasetRow) -> None:
    """What is left of a row whose patient withdrew consent, and the announcement of it."""
    DatasetTombstone.objects.create(row=row, withdrawn_on=timezone.localdate())
    consent_withdrawn.send(sender=DatasetRow, rows=[row.pk])


def let_leases_run_out() -> None:
    """As if every worker had not been heard of for longer than a lease lasts."""
    past = timezone.now() - timedelta(seconds=1)
    DatasetExport.objects.filter(lease_expires_at__isnull=False).update(lease_expires_at=past)
