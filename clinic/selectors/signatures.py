"""The digest over what was signed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from clinic.models import Read, Reading


def reading_digest(reading: Reading, reads: Sequence[Read]) -> str:
    """SHA-256 (hexadecimal) of what was signed, so that a paper can be compared with the record.

    Over UTF-8 JSON with sorted keys and no blanks: the case's key and reference; role, reader, time
    (UTC), proof and taxonomy version of the reading; the model's opinion as it was shown, with its
    version and digest; the reads of every lesion, changes of mind beside first opinions; and every
    version of the reader's annotations, taken away or not. `reads` have diagnosis and lesion
    loaded.
    """
    signed = {
        "case": str(reading.case_id),
        "reference": reading.case.reference,
        "role": reading.role,
        "reader": str(reading.reader_id),
        "signed_at": _moment(reading.signed_at),
        "proof": [reading.proof_method, _moment(reading.proved_at)],
        "reason": reading.reason,
        "taxonomy": reading.taxonomy_version,
        "model": reading.model_opinion,
        "reads": [
            _read(read) for read in sorted(reads, key=lambda read: (read.lesion.number, read.stage))
        ],
        "annotations": [
            [str(key), *said]
            for key, *said in reading.annotations.order_by("key", "version").values_list(
                "key", "version", "label", "text", "target", "is_deleted"
            )
        ],
    }
    canonical = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def is_intact(reading: Reading) -> bool:
    """Whether a signed reading is still what its digest was made of."""
    reads = reading.reads.select_related("diagnosis", "lesion")
    return reading_digest(reading, list(reads)) == reading.digest


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _read(read: Read) -> dict[str, Any]:
    diagnosis = read.diagnosis
    return {
        "read": str(read.pk),
        "lesion": read.lesion.number,
        "stage": read.stage,
        "stands": read.stands,
        "diagnosis": f"{diagnosis.taxonomy_version}/{diagnosis.code}" if diagnosis else None,
        "management": read.management,
        "months": read.monitor_months,
        "confidence": read.confidence,
        "criteria": read.criteria,
        "comment": read.comment,
        "reason": read.reason,
    }
