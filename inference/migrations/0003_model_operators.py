"""A group whose people may install, activate and retire models without being superusers."""

from django.db import migrations

GROUP = "Model operators"
CODENAME = "operate_models"


def make_group(apps, schema_editor):
    """The permission is named here because Django makes it only after all migrations."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="inference", model="modelversion"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=CODENAME,
        defaults={"name": "Can install, activate and retire models"},
    )
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    group.permissions.add(permission)


def drop_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("inference", "0002_how_the_queue_is_worked_off"),
    ]

    operations = [migrations.RunPython(make_group, drop_group)]
