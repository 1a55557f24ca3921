"""`/diagnoses/`: the taxonomy in use."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.filters import YesNoFilter
from accounts.api.views import ReadableViewSet
from clinic.models import Diagnosis, Malignancy
from clinic.selectors import diagnoses_in_use


class DiagnosisSerializer(serializers.ModelSerializer):
    """A node of the tree, with its codes in other systems."""

    parent: Any = serializers.SlugRelatedField(
        slug_field="code", read_only=True, allow_null=True, help_text="Code of the node above."
    )

    class Meta:
        model = Diagnosis
        fields = [
            "code",
            "name",
            "parent",
            "malignancy",
            "is_selectable",
            "taxonomy_version",
            "ham10000",
            "isic2019",
            "icd10",
            "snomed_ct",
            "codes_verified",
        ]
        read_only_fields = fields


class DiagnosisFilterSet(FilterSet):
    """By place in the tree or by a code."""

    parent = CharFilter(field_name="parent__code", help_text="Code of the node above.")
    malignancy = ChoiceFilter(choices=Malignancy.choices)
    is_selectable = YesNoFilter(help_text="False for headings.")
    ham10000 = CharFilter()
    isic2019 = CharFilter()
    icd10 = CharFilter()


@extend_schema_view(
    list=extend_schema(summary="List diagnoses"),
    retrieve=extend_schema(summary="One diagnosis"),
)
class DiagnosisViewSet(ReadableViewSet):
    """The tree that reads choose from, in its own order."""

    serializer_class = DiagnosisSerializer
    filterset_class = DiagnosisFilterSet
    ordering = ("position", "id")
    lookup_field = "code"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Diagnosis]:
        """The same for everybody."""
        return diagnoses_in_use().select_related("parent")
