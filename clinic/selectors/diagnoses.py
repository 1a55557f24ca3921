"""The taxonomy in use."""

from django.db.models import QuerySet

from clinic.models import Diagnosis

CURRENT_VERSION = "2026.1"


def current_taxonomy_version() -> str:
    """The version that new reads choose from."""
    return CURRENT_VERSION


def selectable_diagnoses() -> QuerySet[Diagnosis]:
    """What a reader can choose, in the tree's order."""
    return Diagnosis.objects.filter(
        taxonomy_version=CURRENT_VERSION, is_selectable=True
    ).select_related("parent")
