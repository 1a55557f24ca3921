"""The rows of frozen versions that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from clinic.models import DatasetRow
from clinic.selectors.datasets.visible import visible_dataset_versions


def visible_dataset_rows(user: User | AnonymousUser) -> QuerySet[DatasetRow]:
    """Rows of visible versions, each with its tombstone where consent was withdrawn."""
    versions = visible_dataset_versions(user).values("pk")
    return DatasetRow.objects.filter(version__in=versions).select_related("tombstone")
