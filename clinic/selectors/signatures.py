"""The digest under a printed answer."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC

from clinic.models import Case, Read


def case_digest(case: Case, reads: Sequence[Read]) -> str:
    """SHA-256 (hexadecimal) of what was signed, so that a paper can be compared with the record.

    Over UTF-8 JSON with sorted keys and no blanks: the case's key and reference, and of each signed
    read, by lesion number, its key, diagnosis code with taxonomy version, management, months,
    comment, reader's key and time (UTC). `reads` have diagnosis and lesion loaded.
    """
    signed = {
        "case": str(case.pk),
        "reference": case.reference,
        "reads": [_signed(read) for read in sorted(reads, key=lambda read: read.lesion.number)],
    }
    canonical = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _signed(read: Read) -> dict[str, object]:
    diagnosis = read.diagnosis
    return {
        "read": str(read.pk),
        "lesion": read.lesion.number,
        "diagnosis": f"{diagnosis.taxonomy_version}/{diagnosis.code}" if diagnosis else None,
        "management": read.management,
        "months": read.monitor_months,
        "comment": read.comment,
        "reader": str(read.reader_id),
        "signed_at": read.signed_at.astimezone(UTC).isoformat() if read.signed_at else None,
    }
