"""Writing the rows of a version: labelled images in, pseudonymous rows and a digest out."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from django.db import connection

from accounts.models import Organisation, User
from clinic.datasets.manifest import ManifestRow, header_line, row_line
from clinic.datasets.pseudonyms import Pseudonyms
from clinic.datasets.splits import rarest_labels
from clinic.models import DatasetRow, DatasetVersion, PseudonymKey
from clinic.selectors.datasets import LabelledImage

COLUMNS = ("version_id", "source_id", *ManifestRow._fields)
COUNTED = (
    "label", "malignancy", "label_source", "confirmation", "sex", "age", "body_site", "skin_type",
    "image_kind", "split", "consent", "model_shown",
)  # fmt: skip
IN_MEMORY_BYTES = 8 * 1024 * 1024


@dataclass
class Written:
    """What was written: sizes, counts by column and value, and the digests."""

    images: int = 0
    lesions: int = 0
    patients: int = 0
    digest: str = ""
    split_digest: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


@contextmanager
def set_aside(
    images: Iterable[LabelledImage], organisations: Collection[Organisation]
) -> Iterator["SetAside"]:
    """Labelled images under their pseudonyms, kept in a file until every patient is known."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, mode="w+") as file:
        yield SetAside(images, _pseudonyms(organisations), file)


class SetAside:
    """Rows without a number and a part. `strata` is the rarest label by patient pseudonym."""

    def __init__(
        self,
        images: Iterable[LabelledImage],
        pseudonyms: Mapping[UUID, Pseudonyms],
        file: "IO[str] | tempfile.SpooledTemporaryFile[str]",
    ) -> None:
        self._file = file
        labels: dict[str, set[str]] = {}
        for image in images:
            row = _row(image, pseudonyms[image.organisation_id])
            labels.setdefault(row["patient"], set()).add(row["label"])
            file.write(json.dumps([image.image_id.hex, row]) + "\n")
        self.strata = rarest_labels(labels)

    def write(
        self, *, version: UUID, header: Mapping[str, Any], parts: Mapping[str, str]
    ) -> Written:
        """Write the rows of patients that have a part, in one COPY; returns what was written."""
        counts: dict[str, Counter[str]] = {column: Counter() for column in COUNTED}
        digest, split_digest = hashlib.sha256(header_line(header)), hashlib.sha256()
        lesions: set[str] = set()
        number = 0
        copy_sql = f"COPY {DatasetRow._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"
        self._file.seek(0)
        with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
            for line in self._file:
                source, values = json.loads(line)
                if values["patient"] not in parts:
                    continue
                number += 1
                row = ManifestRow(number=number, split=parts[values["patient"]], **values)
                digest.update(row_line(row))
                split_digest.update(f"{row.image}\t{row.split}\n".encode())
                lesions.add(row.lesion)
                for column, counter in counts.items():
                    counter[_text(getattr(row, column))] += 1
                copy.write_row((version, source, *row))
        return Written(
            images=number,
            lesions=len(lesions),
            patients=len(parts),
            digest=digest.hexdigest(),
            split_digest=split_digest.hexdigest(),
            counts={column: dict(sorted(counter.items())) for column, counter in counts.items()},
        )


def keep_version(
    key: UUID,
    written: Written,
    *,
    organisations: Collection[Organisation],
    header: Mapping[str, Any],
    seed: int,
    left_out: Mapping[str, int],
    actor: User,
    **kind: Any,
) -> DatasetVersion:
    """The version over the rows that were written under its key; nothing joins them after this."""
    version = DatasetVersion.objects.create(
        id=key,
        header=header,
        seed=seed,
        digest=written.digest,
        split_digest=written.split_digest,
        taxonomy_version=header["taxonomy"],
        image_count=written.images,
        lesion_count=written.lesions,
        patient_count=written.patients,
        counts=written.counts,
        left_out=dict(left_out),
        frozen_by=actor,
        **kind,
    )
    version.organisations.set(organisations)
    return version


def organisation_pseudonyms(organisations: Collection[Organisation]) -> list[str]:
    """The organisations as a manifest's header names them, sorted."""
    return sorted(each.organisation() for each in _pseudonyms(organisations).values())


def _pseudonyms(organisations: Collection[Organisation]) -> dict[UUID, Pseudonyms]:
    """By organisation; an organisation's key is made when it is first needed."""
    PseudonymKey.objects.bulk_create(
        [PseudonymKey(organisation=each) for each in organisations], ignore_conflicts=True
    )
    keys = PseudonymKey.objects.filter(organisation__in=organisations)
    return {each.organisation_id: Pseudonyms(bytes(each.key)) for each in keys}


def _row(image: LabelledImage, names: Pseudonyms) -> dict[str, Any]:
    label = image.label
    return {
        "image": names.image(image.image_id),
        "sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "media_type": image.media_type,
        "size_bytes": image.size_bytes,
        "organisation": names.organisation(),
        "patient": names.patient(image.patient_id),
        "lesion": names.lesion(image.lesion_id),
        "visit": names.visit(image.case_id),
        "label": label.label,
        "diagnosis": label.diagnosis,
        "malignancy": image.malignancy,
        "label_source": str(label.source),
        "confirmation": image.confirmation,
        "readers": label.readers,
        "agreement": label.agreement,
        "model_shown": label.model_shown,
        "sex": image.sex,
        "age": image.age,
        "body_site": image.body_site,
        "skin_type": image.skin_type,
        "image_kind": image.image_kind,
        "consent": image.consent,
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
