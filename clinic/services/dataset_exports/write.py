"""Writing an export, file by file, so that a successor can go on behind any of them."""

import logging
import time
from dataclasses import replace
from functools import partial
from importlib.util import find_spec

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import Sum

from clinic.datasets.formats import FORMATS, STEP, ExportFile, Step, UnsafeValue, steps
from clinic.datasets.formats.writer import no_files
from clinic.models import DatasetExportFile, DatasetVersion, ExportDelivery
from clinic.selectors.datasets import manifest_rows, open_rows
from clinic.selectors.frozen_versions import frozen_version
from clinic.services.dataset_exports.archive import archive_size
from clinic.services.dataset_exports.queue import BEAT_SECONDS, Claim, ClaimLost
from clinic.services.dataset_exports.stored import copy_stored, save_pieces

logger = logging.getLogger(__name__)

TURN_SECONDS = 60.0
"""After this long other tasks get their turn: somebody waits for an answer."""


def write_export(*, claim: Claim) -> bool:
    """Write what is missing of an export; returns whether it is ready now.

    What cannot be written whoever tries is given up with a reason; everything else is tried again.
    """
    try:
        return _Writing(claim).run()
    except ClaimLost:
        logger.info("Export %s was cancelled or taken over", claim.export.pk)
    except (UnsafeValue, _CannotBeWritten) as refused:
        claim.give_up(str(refused))
    except SoftTimeLimitExceeded:
        claim.give_back()
    # Storage that cannot be reached, memory that is not there: neither is the export's fault.
    except Exception as error:
        logger.exception("Try %s at export %s", claim.export.attempts, claim.export.pk)
        claim.try_again_later(error)
    return False


class _CannotBeWritten(Exception):  # a fact, with its sentence
    """Another try would end the same way."""


class _Writing:
    """One turn at an export."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.export = claim, claim.export
        self.form = FORMATS[self.export.format]
        self.version = DatasetVersion.objects.select_related("dataset").get(
            pk=self.export.version_id
        )
        self.frozen = frozen_version(self.version)
        self.copies = self.form.has_images and self.export.delivery == ExportDelivery.FILES
        self.until = time.monotonic() + TURN_SECONDS
        self._whole: list[DatasetExportFile] = []
        self._written_down_at = time.monotonic()

    def run(self) -> bool:
        """Documents first, then the steps. False: the turn is over and there is more to do."""
        for module in self.form.needs:
            if find_spec(module) is None:
                msg = f"This worker lacks {module}, which the format {self.form.name} needs."
                raise _CannotBeWritten(msg)
        documents = self.form.documents(self.frozen)
        by_row = self.copies or self.form.row_files is not no_files
        rows = open_rows(self.version).count() if by_row else 0
        self.claim.say(total=len(documents) + rows)
        is_whole = self._write_documents(documents) and self._write_steps(len(documents), rows)
        self._write_down()
        if is_whole:
            self.claim.finish(size=self._size())
        else:
            self.claim.give_back()
        return is_whole

    def _write_documents(self, documents: list[ExportFile]) -> bool:
        there = set(self.export.files.filter(step=0).values_list("path", flat=True))
        for number, document in enumerate(documents, start=1):
            if document.path not in there:
                if time.monotonic() > self.until:
                    return False
                self._store(document, step=0)
            self.claim.done = max(self.claim.done, number)
        self.claim.say(done=self.claim.done)
        return True

    def _write_steps(self, documents: int, rows: int) -> bool:
        after, there = self._place() if rows else (0, set())
        passed = open_rows(self.version).filter(number__lte=after).count()
        behind = replace(self.frozen, rows=partial(manifest_rows, self.version, after=after))
        for step in steps(behind, self.form, after=after) if rows else ():
            if time.monotonic() > self.until:
                return False
            self._write_step(step, there)
            passed = min(passed + STEP, rows)
            self.claim.done = documents + passed
            self.claim.beat()
        return True

    def _place(self) -> tuple[int, set[str]]:
        """The last row whose step is whole, and what there is of the next step."""
        last, *before = [
            *self.export.files.filter(step__gt=0)
            .order_by("-step")
            .values_list("step", flat=True)
            .distinct()[:2],
            0,
        ]
        there = self.export.files.filter(step=last or -1).values_list("path", flat=True)
        return (before[0] if before else 0), set(there)

    def _write_step(self, step: Step, there: set[str]) -> None:
        if self.copies:
            numbers = [row.number for _, row in step.images]
            places = self.version.rows.filter(number__in=numbers)
            stored = {
                number: (key, name)
                for number, key, name in places.values_list("number", "pk", "source__file")
            }
            for path, row in step.images:
                if path not in there:
                    key, name = stored[row.number]
                    self._copy(name, path, media_type=row.media_type, row=key, step=step.last)
        for file in step.files:
            if file.path not in there:
                self._store(file, step=step.last)

    def _store(self, file: ExportFile, *, step: int) -> None:
        name = f"{self.export.prefix}/{file.path}"
        size = save_pieces(name, file.pieces(), on_piece=self.claim.beat)
        self._note(file.path, file.media_type, size, step=step)

    def _copy(self, stored: str, path: str, *, media_type: str, row: int, step: int) -> None:
        try:
            size = copy_stored(stored, f"{self.export.prefix}/{path}", on_piece=self.claim.beat)
        except FileNotFoundError as error:
            msg = f"The image {path} is not in storage. Tell whoever looks after it."
            raise _CannotBeWritten(msg) from error
        self._note(path, media_type, size, step=step, row=row)

    def _note(
        self, path: str, media_type: str, size: int, *, step: int, row: int | None = None
    ) -> None:
        self._whole.append(
            DatasetExportFile(
                export=self.export, path=path, media_type=media_type, size_bytes=size, step=step,
                row_id=row,
            )
        )  # fmt: skip
        if not step or time.monotonic() - self._written_down_at > BEAT_SECONDS:
            self._write_down()

    def _write_down(self) -> None:
        """What lies there whole, several at a time: a statement a picture would take longer."""
        DatasetExportFile.objects.bulk_create(self._whole)
        self._whole.clear()
        self._written_down_at = time.monotonic()

    def _size(self) -> int:
        if self.export.delivery == ExportDelivery.ZIP:
            return archive_size(self.export)
        return int(self.export.files.aggregate(size=Sum("size_bytes"))["size"] or 0)
