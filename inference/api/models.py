"""`/models/`: what has been, is and may be in service."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.filters import RecordFilterSet
from accounts.api.views import ReadableViewSet
from inference.models import ModelState, ModelVersion
from inference.selectors import visible_model_versions


class ModelSummarySerializer(serializers.ModelSerializer):
    """A model version in a list."""

    class Meta:
        model = ModelVersion
        fields = [
            "id",
            "task",
            "name",
            "version",
            "description",
            "architecture",
            "state",
            "digest",
            "classes",
            "operating_points",
            "plausible_coverage",
            "metrics",
            "licence",
            "created_at",
            "activated_at",
            "retired_at",
        ]
        read_only_fields = fields


class ModelSerializer(ModelSummarySerializer):
    """A model version with its card."""

    class Meta(ModelSummarySerializer.Meta):
        fields = [
            *ModelSummarySerializer.Meta.fields,
            "preprocessing",
            "calibration",
            "training",
            "card",
            "override_reason",
        ]
        read_only_fields = fields


class ModelFilterSet(RecordFilterSet):
    """By state, task or name."""

    state = ChoiceFilter(choices=ModelState.choices)
    task = CharFilter()
    name = CharFilter()


@extend_schema_view(
    list=extend_schema(summary="List models", responses=ModelSummarySerializer(many=True)),
    retrieve=extend_schema(summary="One model, with its card"),
)
class ModelViewSet(ReadableViewSet):
    """Model versions. They belong to the installation; administrators change their state."""

    filterset_class = ModelFilterSet

    def get_serializer_class(self) -> Any:
        """Lists leave out the long texts."""
        return ModelSummarySerializer if self.action == "list" else ModelSerializer

    def get_queryset(self) -> QuerySet[ModelVersion]:
        """The same for everybody in the clinic."""
        return visible_model_versions(self.request.user)
