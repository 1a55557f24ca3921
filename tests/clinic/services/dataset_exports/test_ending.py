"""What ends an export: its week, and a patient who takes consent back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import DatasetExport, DatasetRow, DatasetTombstone, ExportState, Patient
from clinic.services.dataset_exports import (
    ExportGone,
    ExportNotReady,
    archive,
    archive_pieces,
    claim_export,
    request_export,
    require_ready,
    write_export,
)
from clinic.services.datasets import record_research_consent
from clinic.tasks import sweep_exports_task, write_exports_task
from tests.clinic.exported import (
    files_in,
    let_leases_run_out,
    pictured_version,
    withdraw,
    written,
)
from tests.dataset_factories import an_export

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("delivery", ["zip", "files"])
def test_withdrawn_consent_takes_back_what_is_ready_at_once_and_removes_it(
    delivery: str, northside: Organisation, ada: User, alice: User
) -> None:
    """Through the service that the patient's page calls."""
    version = pictured_version(northside, 3)
    export = written(version, ada, "isic", delivery)
    other = written(pictured_version(northside, 1), ada, "isic", delivery)
    row = version.rows.select_related("source__case__patient").get(number=2)
    patient = row.source.case.patient
    Patient.objects.filter(pk=patient.pk).update(
        research_consent="sharing", research_consent_on=timezone.localdate()
    )
    patient.refresh_from_db()
    record_research_consent(patient=patient, consent="withdrawn", actor=alice)

    assert DatasetTombstone.objects.get().row == row
    export.refresh_from_db()
    with pytest.raises(ExportGone, match=r"A patient has withdrawn consent .* Write it again"):
        require_ready(export=export)
    prefix = export.prefix
    assert sweep_exports_task() == "0 given up, 0 expired, 1 removed"
    assert not default_storage.exists(prefix)
    assert not export.files.exists()

    anew = request_export(version=version, format="isic", delivery=delivery, actor=ada)
    assert anew.pk != export.pk
    assert write_exports_task()
    anew.refresh_from_db()
    found = files_in(anew)
    assert sum(name.endswith(".jpg") for name in found) == 2
    assert not [name for name, content in found.items() if row.image.encode() in content]
    other.refresh_from_db()
    require_ready(export=other)


def test_one_that_is_being_written_is_begun_anew_without_the_row(
    northside: Organisation, ada: User
) -> None:
    version = pictured_version(northside, 3)
    export = request_export(version=version, format="isic", delivery="files", actor=ada)
    claim = claim_export()
    assert claim is not None
    row = version.rows.get(number=1)
    withdraw(row)
    assert write_export(claim=claim) is False, "the worker notices"
    assert write_exports_task() is True
    export.refresh_from_db()
    assert export.state == ExportState.CANCELLED
    assert "begun anew" in export.reason
    anew = DatasetExport.objects.exclude(pk=export.pk).get()
    assert anew.requested_by == export.requested_by
    assert sum(name.endswith(".jpg") for name in files_in(anew)) == 2
    let_leases_run_out()
    assert sweep_exports_task().endswith("1 removed")


def test_what_failed_is_not_gone_on_from_after_a_withdrawal(
    northside: Organisation, ada: User
) -> None:
    version = pictured_version(northside, 2)
    failed = an_export(version, state="failed", reason="No room.", expires_at=timezone.now())
    withdraw(version.rows.get(number=1))
    failed.refresh_from_db()
    assert failed.state == ExportState.EXPIRED


def test_a_withdrawal_that_is_rolled_back_takes_nothing_back(
    northside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside, 2), ada)
    with transaction.atomic():
        withdraw(DatasetRow.objects.filter(version=export.version).earliest("number"))
        transaction.set_rollback(True)
    export.refresh_from_db()
    require_ready(export=export)


def test_a_download_under_way_breaks_off_when_consent_is_withdrawn(
    northside: Organisation, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LOOKED_AT_EVERY", 1)
    export = written(pictured_version(northside, 4), ada)
    pieces = archive_pieces(export)
    got = [next(pieces)]
    withdraw(DatasetRow.objects.filter(version=export.version).earliest("number"))
    with pytest.raises(ExportGone):
        got.extend(pieces)
    assert sum(map(len, got)) < export.size_bytes, "the client sees that it is not whole"


def test_a_picture_that_is_not_as_long_as_its_row_says_breaks_the_download_off(
    northside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside, 2), ada)
    stored = export.version.rows.select_related("source").get(number=1).source.file
    with default_storage.open(stored.name, "wb") as file:
        file.write(b"damaged")
    with pytest.raises(RuntimeError, match="size"):
        b"".join(archive_pieces(export))


def test_after_its_week_it_is_gone_before_any_sweep_and_its_files_with_the_next(
    northside: Organisation, ada: User, settings: Any
) -> None:
    settings.EXPORT_KEPT = timedelta(days=3)
    export = written(pictured_version(northside, 2), ada, delivery="files")
    assert export.expires_at is not None
    assert timedelta(days=2.9) < export.expires_at - timezone.now() <= timedelta(days=3)
    DatasetExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()
    with pytest.raises(ExportGone, match="has expired"):
        require_ready(export=export)
    assert sweep_exports_task() == "0 given up, 1 expired, 1 removed"
    assert not default_storage.exists(export.prefix)
    export.refresh_from_db()
    assert (export.state, export.prefix, export.files.count()) == ("expired", "", 0)
    assert sweep_exports_task() == "0 given up, 0 expired, 0 removed"


def test_what_is_not_ready_says_how_far_it_is(northside: Organisation) -> None:
    with pytest.raises(ExportNotReady, match="cannot be downloaded: waiting"):
        require_ready(export=an_export(pictured_version(northside, 1)))
