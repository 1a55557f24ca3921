"""`manage.py import_isic`: real data in, from a HAM10000-style folder."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation
from clinic.isic import BadRow, IsicRow, index_images, read_metadata
from clinic.isic.metadata import MetadataUnreadable
from clinic.models import ConfirmationMethod, ResearchConsent
from clinic.selectors import selectable_diagnoses
from clinic.services.import_isic import import_isic


class Command(BaseCommand):
    """Import images and their metadata; safe to run again."""

    help = (
        "Import a HAM10000-style folder: a patient, a lesion, a case and a pathology result for "
        "each lesion, with all its images. Rows that cannot be imported are listed and stop "
        "nothing else. Running it again imports only what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, the CSV, and where they go."""
        parser.add_argument("--images", type=Path, required=True, help="folder of the images")
        parser.add_argument("--metadata", type=Path, required=True, help="the metadata CSV")
        parser.add_argument("--organisation", required=True, help="slug of the organisation")
        parser.add_argument("--limit", type=int, help="import at most this many rows")
        parser.add_argument(
            "--consent",
            choices=ResearchConsent.values,
            default=ResearchConsent.NOT_ASKED,
            help="what the patients allowed beside their care (%(default)s)",
        )
        parser.add_argument(
            "--results",
            nargs="*",
            choices=ConfirmationMethod.values,
            default=ConfirmationMethod.values,
            metavar="METHOD",
            help="record only results confirmed in these ways (all): what is not recorded is left "
            "to be found by reading; --results alone records none",
        )
        parser.add_argument(
            "--closed", action="store_true", help="make the cases final, not for the worklist"
        )
        parser.add_argument(
            "--no-predictions", action="store_true", help="do not queue the images for the model"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, import, report."""
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none"
            msg = f"There is no organisation {options['organisation']}. Known: {known}."
            raise CommandError(msg)
        if not options["images"].is_dir():
            msg = f"{options['images']} is not a folder."
            raise CommandError(msg)
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be at least 1.")
        rows, bad = self._rows(options["metadata"], options["limit"])
        progress = Progress(self.stderr, total=len(rows))
        report = import_isic(
            organisation=organisation,
            rows=rows,
            files=index_images(options["images"]),
            closed=options["closed"],
            consent=options["consent"],
            results=options["results"],
            announce=not options["no_predictions"],
            on_progress=progress.advance,
        )
        progress.finish()
        bad += report.bad_rows
        for row in bad:
            self.stderr.write(f"  left out: {row}")
        self.stdout.write(
            f"Imported {report.stored:,} images of {report.patients:,} new patients into "
            f"{organisation.name}; {report.present:,} were there already, {len(bad):,} left out."
        )

    def _rows(self, metadata: Path, limit: int | None) -> tuple[list[IsicRow], list[BadRow]]:
        known = frozenset(
            selectable_diagnoses().exclude(ham10000="").values_list("ham10000", flat=True)
        )
        rows: list[IsicRow] = []
        bad: list[BadRow] = []
        try:
            for row in read_metadata(metadata, known_dx=known):
                if limit is not None and len(rows) + len(bad) >= limit:
                    break
                if isinstance(row, BadRow):
                    bad.append(row)
                else:
                    rows.append(row)
        except MetadataUnreadable as error:
            raise CommandError(str(error)) from error
        return rows, bad


class Progress:
    """A bar on a terminal, a line every few seconds in a log."""

    WIDTH = 30

    def __init__(self, stream: Any, *, total: int) -> None:
        self.stream, self.total, self.done = stream, total, 0
        self.started = self.last = time.monotonic()
        self.on_terminal = sys.stderr.isatty()

    def advance(self, count: int) -> None:
        """Count images; redraw when it is worth it."""
        self.done += count
        now = time.monotonic()
        if now - self.last > (0.2 if self.on_terminal else 5):
            self.last = now
            self._draw()

    def finish(self) -> None:
        """Draw the end."""
        self._draw()
        if self.on_terminal:
            self.stream.write("")

    def _draw(self) -> None:
        seconds = max(time.monotonic() - self.started, 0.001)
        share = self.done / self.total if self.total else 1
        bar = "█" * round(share * self.WIDTH)
        rate = self.done / seconds
        line = (
            f"{bar:<{self.WIDTH}} {self.done:,} of {self.total:,} images, "
            f"{rate:,.0f} images/s, {seconds:.0f} s"
        )
        if self.on_terminal:
            self.stream.write(f"\r{line}", ending="")
        else:
            self.stream.write(line)
