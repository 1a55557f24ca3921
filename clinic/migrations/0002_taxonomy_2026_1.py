"""Load the first version of the taxonomy from its file."""

from pathlib import Path

from django.db import migrations

TAXONOMY = Path(__file__).resolve().parent.parent / "taxonomy" / "2026.1.json"


def load(apps, schema_editor):
    """Write the rows with the service that every later version uses too."""
    from clinic.services.taxonomy import load_taxonomy

    load_taxonomy(path=TAXONOMY, diagnosis_model=apps.get_model("clinic", "Diagnosis"))


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
