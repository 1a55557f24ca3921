"""The taxonomy. It changes by a file and a migration, not by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.scope import ReadOnlyAdmin
from clinic.models import Diagnosis


@admin.register(Diagnosis)
class DiagnosisAdmin(ReadOnlyAdmin):
    """A node of the tree: of the installation, not of one organisation."""

    list_display = ("name", "code", "malignancy", "parent", "ham10000", "icd10", "taxonomy_version")
    list_filter = ("malignancy", "taxonomy_version", "is_selectable")
    list_select_related = ("parent",)
    search_fields = ("name", "code", "icd10", "snomed_ct")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The same tree for everybody."""
        return Diagnosis.objects.select_related("parent")
