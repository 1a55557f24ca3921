from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        # Rows without a status were answers in the making; there are none to keep.
        migrations.RunSQL(
            "DELETE FROM accounts_idempotentanswer WHERE status IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="idempotentanswer",
            name="status",
            field=models.PositiveSmallIntegerField(),
        ),
    ]
