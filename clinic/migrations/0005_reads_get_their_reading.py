"""Reads signed or begun before there were readings get one: not blind, with the digest of then."""

import hashlib
import json
from datetime import UTC, timedelta

import pgtrigger
from django.db import migrations
from django.utils import timezone


def give_readings(apps, schema_editor):
    Read = apps.get_model("clinic", "Read")
    Reading = apps.get_model("clinic", "Reading")
    by_reader = {}
    reads = Read.objects.filter(reading=None).select_related("case", "lesion", "diagnosis")
    for read in reads.order_by("lesion__number"):
        by_reader.setdefault((read.case_id, read.reader_id), []).append(read)
    for (case_id, reader_id), own in by_reader.items():
        is_signed = own[0].state == "signed"
        first = min(read.created_at for read in own)
        reading = Reading.objects.create(
            case_id=case_id,
            reader_id=reader_id,
            state="signed" if is_signed else "draft",
            is_blind=False,
            holds_case=False,
            lock_expires_at=first + timedelta(minutes=30),
            assigned_at=first,
            committed_at=own[0].signed_at if is_signed else None,
            signed_at=own[0].signed_at if is_signed else None,
            taxonomy_version=own[0].diagnosis.taxonomy_version if is_signed else "",
            digest=digest_of_then(own[0].case, own) if is_signed else "",
        )
        with pgtrigger.ignore("clinic.Read:signed_read_is_for_ever"):
            Read.objects.filter(pk__in=[read.pk for read in own]).update(reading=reading)
        if is_signed:
            apps.get_model("clinic", "Case").objects.filter(pk=case_id).update(
                answer=reading, updated_at=timezone.now()
            )


    schema_editor.execute(
        "UPDATE clinic_readevent AS event SET reading_id = read.reading_id FROM clinic_read AS read"
        " WHERE event.pgh_obj_id = read.id AND event.reading_id IS NULL"
    )


def digest_of_then(case, reads):
    """What stood on the printed pages."""
    signed = {
        "case": str(case.pk),
        "reference": f"C-{case.number:05d}",
        "reads": [
            {
                "read": str(read.pk),
                "lesion": read.lesion.number,
                "diagnosis": f"{read.diagnosis.taxonomy_version}/{read.diagnosis.code}",
                "management": read.management,
                "months": read.monitor_months,
                "comment": read.comment,
                "reader": str(read.reader_id),
                "signed_at": read.signed_at.astimezone(UTC).isoformat(),
            }
            for read in reads
        ],
    }
    canonical = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0004_reading_room")]

    operations = [migrations.RunPython(give_readings, migrations.RunPython.noop)]
