"""Importing a HAM10000-style folder: patients by lesion, lesions, images, pathology results."""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import Organisation, User
from clinic.imaging import ImageRefused, PreparedImage, prepare_upload
from clinic.isic import BadRow, IsicRow
from clinic.models import ConfirmationMethod, LesionImage, ResearchConsent
from clinic.services.images import new_image
from clinic.services.import_rows import ImportBatch, new_rows_for
from clinic.signals import image_accepted
from clinic.storage import private_key

LESIONS_PER_TRANSACTION = 64


@dataclass
class ImportReport:
    """What an import did. Nothing in `bad_rows` was stored; everything else was."""

    stored: int = 0
    present: int = 0
    patients: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True)
class StoredFile:
    """A prepared image whose two files are in private storage."""

    row: IsicRow
    prepared: PreparedImage
    file: str
    thumbnail: str


def import_isic(
    *,
    organisation: Organisation,
    rows: Sequence[IsicRow],
    files: Mapping[str, Path],
    closed: bool = False,
    consent: str = ResearchConsent.NOT_ASKED,
    results: Collection[str] = tuple(ConfirmationMethod),
    announce: bool = True,
    threads: int = 2,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Import rows whose files exist. Safe to run again: what is present is left alone.

    `closed` makes the cases final (the answer is known) instead of submitting them to the
    worklist; `consent` is what the new patients allowed; `results` are the methods of confirmation
    whose results are recorded; `announce=False` queues no predictions. Lesions are written in
    batches, each its own transaction, while `threads` decode and store the next batch's images.
    """
    report = ImportReport()
    importer = importer_of(organisation)
    new_rows = partial(
        new_rows_for, organisation, importer, closed=closed, consent=consent, results=results
    )
    present = _present_references(organisation)
    wanted = [row for row in rows if row.image_id not in present]
    report.present = len(rows) - len(wanted)
    on_progress(report.present)
    batches = list(_by_lesion(wanted))
    if not batches:
        return report
    with ThreadPoolExecutor(threads, thread_name_prefix="import") as pool:
        # One batch is decoded while the one before it is written.
        ahead = deque(_prepare(pool, organisation, files, batch) for batch in batches[:1])
        for following in [*batches[1:], None]:
            if following is not None:
                ahead.append(_prepare(pool, organisation, files, following))
            outcomes = [future.result() for future in ahead.popleft()]
            report.bad_rows += [outcome for outcome in outcomes if isinstance(outcome, BadRow)]
            stored = [outcome for outcome in outcomes if isinstance(outcome, StoredFile)]
            try:
                _write(new_rows, importer, stored, report, announce=announce)
            except BaseException:
                _delete_files([*stored, *_stored_ahead(ahead)])
                raise
            on_progress(len(outcomes))
    report.bad_rows.sort(key=lambda bad: bad.line)
    return report


def importer_of(organisation: Organisation) -> User:
    """The account that imported rows name as their submitter. Nobody can sign in with it."""
    account, _ = User.objects.get_or_create(
        email=f"isic-import@{organisation.slug}.invalid",
        defaults={"full_name": "ISIC import", "is_active": False, "password": "!"},
    )
    return account


def _present_references(organisation: Organisation) -> set[str]:
    return set(
        LesionImage.objects.filter(case__organisation=organisation)
        .exclude(source_reference="")
        .values_list("source_reference", flat=True)
    )


def _by_lesion(rows: Sequence[IsicRow]) -> Iterator[list[IsicRow]]:
    """Batches of whole lesions, in the file's order."""
    lesions: dict[str, list[IsicRow]] = defaultdict(list)
    for row in rows:
        lesions[row.lesion_id].append(row)
    batch: list[IsicRow] = []
    for count, lesion_rows in enumerate(lesions.values(), start=1):
        batch += lesion_rows
        if count % LESIONS_PER_TRANSACTION == 0:
            yield batch
            batch = []
    if batch:
        yield batch


def _prepare(
    pool: ThreadPoolExecutor,
    organisation: Organisation,
    files: Mapping[str, Path],
    batch: Sequence[IsicRow],
) -> list[Future[StoredFile | BadRow]]:
    return [pool.submit(_store_file, organisation, row, files.get(row.image_id)) for row in batch]


def _store_file(organisation: Organisation, row: IsicRow, path: Path | None) -> StoredFile | BadRow:
    if path is None:
        return BadRow(row.line, row.image_id, "no image of this name in the folder")
    try:
        prepared = prepare_upload(path.read_bytes())
    except ImageRefused as refused:
        return BadRow(row.line, row.image_id, refused.reason)
    except OSError as error:
        return BadRow(row.line, row.image_id, f"the file cannot be read: {error.strerror}")
    key = private_key("images", organisation.pk, prepared.accepted.suffix)
    thumbnail_key = private_key("thumbnails", organisation.pk, ".webp")
    return StoredFile(
        row=row,
        prepared=prepared,
        file=default_storage.save(key, ContentFile(prepared.content)),
        thumbnail=default_storage.save(thumbnail_key, ContentFile(prepared.thumbnail)),
    )


def _write(
    new_rows: Callable[[Sequence[IsicRow]], ImportBatch],
    importer: User,
    stored: Sequence[StoredFile],
    report: ImportReport,
    *,
    announce: bool,
) -> None:
    with transaction.atomic():
        batch = new_rows([item.row for item in stored])
        images, duplicates = _images(batch, stored, importer)
        LesionImage.objects.bulk_create(images)
        if announce and images:
            image_accepted.send(sender=LesionImage, images=images)
    _delete_files([item for item, _ in duplicates])
    report.bad_rows += [bad for _, bad in duplicates]
    report.stored += len(images)
    report.patients += batch.new_patients


def _images(
    batch: ImportBatch, stored: Sequence[StoredFile], importer: User
) -> tuple[list[LesionImage], list[tuple[StoredFile, BadRow]]]:
    images: list[LesionImage] = []
    duplicates: list[tuple[StoredFile, BadRow]] = []
    for item in stored:
        lesion, case = batch.lesions[item.row.lesion_id], batch.cases[item.row.lesion_id]
        twin = batch.digests.setdefault((case.pk, item.prepared.sha256), item.row.image_id)
        if twin != item.row.image_id:
            reason = f"is the same picture as {twin} of the same lesion"
            duplicates.append((item, BadRow(item.row.line, item.row.image_id, reason)))
            continue
        image = new_image(case=case, lesion=lesion, prepared=item.prepared, actor=importer)
        image.source_reference = item.row.image_id
        image.file.name, image.thumbnail.name = item.file, item.thumbnail
        images.append(image)
    return images, duplicates


def _stored_ahead(ahead: Iterable[list[Future[StoredFile | BadRow]]]) -> Iterator[StoredFile]:
    for futures in ahead:
        for future in futures:
            if isinstance(outcome := future.result(), StoredFile):
                yield outcome


def _delete_files(stored: Sequence[StoredFile]) -> None:
    for item in stored:
        default_storage.delete(item.file)
        default_storage.delete(item.thumbnail)
