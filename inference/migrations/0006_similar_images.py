"""The coverage that installed models promise, and pgvector where this database may have it."""

from django.db import DatabaseError, migrations, transaction

# 512 numbers are 2,072 bytes, just over the size from which PostgreSQL moves a value out of its
# row, and looking through all of them would read each from its place in another table.
KEEP_IN_THE_ROW = "ALTER TABLE inference_imagefeatures ALTER COLUMN vector SET STORAGE MAIN"
AS_BEFORE = "ALTER TABLE inference_imagefeatures ALTER COLUMN vector SET STORAGE EXTENDED"


def promised_coverage(apps, schema_editor):
    """Packages that were installed before say it among their figures."""
    versions = apps.get_model("inference", "ModelVersion").objects
    for version in versions.filter(plausible_coverage__isnull=True):
        conformal = version.metrics.get("conformal")
        promised = conformal.get("promised") if isinstance(conformal, dict) else None
        if isinstance(promised, (int, float)):
            versions.filter(pk=version.pk).update(plausible_coverage=promised)


def create_pgvector(apps, schema_editor):
    """Where the server has the extension and this role may create it. Without it nothing is lost:
    similar images are then looked for in the web process's memory."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_available_extensions"
            " WHERE name = 'vector' AND installed_version IS NULL"
        )
        if cursor.fetchone() is None:
            return
    try:
        # Trying is the only sure way to learn whether the role may: providers have rules of
        # their own. The savepoint keeps the migration's transaction usable.
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError:
        return


class Migration(migrations.Migration):

    dependencies = [("inference", "0005_what_a_reader_is_told")]

    operations = [
        migrations.RunSQL(KEEP_IN_THE_ROW, AS_BEFORE),
        migrations.RunPython(promised_coverage, migrations.RunPython.noop),
        # Other things may use it by now, so going back leaves it.
        migrations.RunPython(create_pgvector, migrations.RunPython.noop),
    ]
