"""`/dataset-versions/`: what was frozen, and its rows. For administrators."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import CharFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.views import ApiViewSet, ReadableViewSet
from clinic.datasets.manifest import ManifestRow
from clinic.models import DatasetRow, DatasetVersion
from clinic.selectors.datasets import visible_dataset_versions
from clinic.selectors.datasets.frozen import visible_dataset_rows


class CountsField(serializers.DictField):
    """Images by value."""

    child = serializers.IntegerField()


class DatasetVersionSerializer(serializers.ModelSerializer):
    """What was frozen. It never changes."""

    dataset = serializers.UUIDField(source="dataset_id", read_only=True)
    organisations: Any = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, pk_field=serializers.UUIDField()
    )
    header = serializers.DictField(
        read_only=True, help_text="The manifest's first line but its format."
    )
    counts = serializers.DictField(
        child=CountsField(), read_only=True, help_text="Column, value, images; empty: not known."
    )
    left_out = CountsField(read_only=True, help_text="Images that were not taken, by reason.")
    frozen_by = serializers.CharField(
        source="frozen_by.full_name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = DatasetVersion
        fields = [
            "id",
            "dataset",
            "number",
            "organisations",
            "header",
            "seed",
            "digest",
            "split_digest",
            "taxonomy_version",
            "image_count",
            "lesion_count",
            "patient_count",
            "counts",
            "left_out",
            "frozen_by",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "digest": {"help_text": "SHA-256 of the manifest."},
            "split_digest": {"help_text": "SHA-256 of the lines `image<TAB>split`."},
        }


class ManifestRowSerializer(serializers.ModelSerializer):
    """One image under pseudonyms, with its label and where the label came from."""

    class Meta:
        model = DatasetRow
        fields = list(ManifestRow._fields)
        read_only_fields = fields


class DatasetRowSerializer(serializers.ModelSerializer):
    """A row, or the day on which its patient withdrew consent."""

    withdrawn_on = serializers.DateField(
        source="tombstone.withdrawn_on", read_only=True, allow_null=True, default=None
    )
    row = serializers.SerializerMethodField(help_text="Null once it was withdrawn.")

    class Meta:
        model = DatasetRow
        fields = ["number", "withdrawn_on", "row"]
        read_only_fields = fields

    @extend_schema_field(ManifestRowSerializer(allow_null=True))
    def get_row(self, row: DatasetRow) -> dict[str, Any] | None:
        """What is withdrawn is handed to nobody."""
        if hasattr(row, "tombstone"):
            return None
        return ManifestRowSerializer(row).data


class DatasetVersionFilterSet(RecordFilterSet):
    """By data set, organisation and digest."""

    dataset = UUIDFilter(field_name="dataset_id")
    organisation = UUIDFilter(field_name="organisations")
    digest = CharFilter(max_length=64)


@extend_schema_view(
    list=extend_schema(summary="List frozen versions"),
    retrieve=extend_schema(summary="One frozen version"),
)
class DatasetVersionViewSet(ReadableViewSet):
    """Frozen versions for training whose every organisation the sender administers."""

    serializer_class = DatasetVersionSerializer
    filterset_class = DatasetVersionFilterSet

    def get_queryset(self) -> QuerySet[DatasetVersion]:
        """None for anybody but administrators; sealed test sets are not among them."""
        versions = visible_dataset_versions(self.request.user)
        return versions.select_related("frozen_by").prefetch_related("organisations")


@extend_schema_view(list=extend_schema(summary="List the rows of a version"))
class DatasetRowViewSet(ListModelMixin, ApiViewSet):
    """The rows of one version, in the order of its manifest."""

    serializer_class = DatasetRowSerializer
    ordering = ("number",)

    def get_queryset(self) -> QuerySet[DatasetRow]:
        """Of one version."""
        return visible_dataset_rows(self.request.user).filter(version=self.kwargs.get("pk"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A version that the sender may not see is not an empty one."""
        get_object_or_404(visible_dataset_versions(request.user), pk=kwargs["pk"])
        return super().list(request, *args, **kwargs)
