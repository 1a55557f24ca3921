"""`/datasets/`: described, looked at, frozen. For administrators."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, UUIDFilter
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from accounts.selectors import visible_organisations
from clinic.api.dataset_descriptions import DescriptionSerializer
from clinic.api.dataset_versions import CountsField, DatasetVersionSerializer
from clinic.datasets.description import Description, DescriptionError
from clinic.forms.datasets import LONGEST_PURPOSE
from clinic.models import Dataset
from clinic.selectors.datasets import preview_dataset, visible_datasets
from clinic.services.datasets import describe_dataset, freeze_dataset, redescribe_dataset
from clinic.services.datasets.describe import check_administers


class DatasetSerializer(serializers.ModelSerializer):
    """A name, a purpose, and what the next version will hold."""

    organisations: Any = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, pk_field=serializers.UUIDField()
    )
    description = DescriptionSerializer(read_only=True)

    class Meta:
        model = Dataset
        fields = [
            "id",
            "name",
            "purpose",
            "organisations",
            "description",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class PreviewDatasetSerializer(RequestSerializer):
    """What to look at."""

    organisations = VisibleKeyField(
        selector=visible_organisations,
        many=True,
        allow_empty=False,
        help_text="Organisations that you administer.",
    )
    description = DescriptionSerializer(
        required=False, help_text="What is left out is as in a new data set."
    )


class DescribeDatasetSerializer(PreviewDatasetSerializer):
    """A data set as it is to be."""

    name = serializers.CharField(max_length=80)
    purpose = serializers.CharField(
        max_length=LONGEST_PURPOSE, help_text="Who will use it, to answer what."
    )


class PreviewSerializer(serializers.Serializer):
    """Counts of images by column and value. Nothing is written."""

    images = serializers.IntegerField()
    lesions = serializers.IntegerField()
    patients = serializers.IntegerField()
    by = serializers.DictField(child=CountsField(), help_text="Column, value, images.")
    label_by_sex = serializers.DictField(child=CountsField())
    label_by_age = serializers.DictField(
        child=CountsField(), help_text="Ages in steps of five years; empty: not known."
    )
    missing = CountsField(help_text="Images of which a column is not known.")
    left_out = CountsField(help_text="Images that were not taken, by reason.")
    imbalance = serializers.FloatField(
        allow_null=True, help_text="Images of the largest class for each of the smallest."
    )


class DatasetFilterSet(RecordFilterSet):
    """By organisation and name."""

    organisation = UUIDFilter(field_name="organisations")
    name = CharFilter(max_length=80)


@extend_schema_view(
    list=extend_schema(summary="List data sets"),
    retrieve=extend_schema(summary="One data set"),
)
class DatasetViewSet(ReadableViewSet):
    """Data sets whose every organisation the sender administers."""

    serializer_class = DatasetSerializer
    filterset_class = DatasetFilterSet

    def get_queryset(self) -> QuerySet[Dataset]:
        """None for anybody but administrators."""
        return visible_datasets(self.request.user).prefetch_related("organisations")

    @extend_schema(
        summary="Describe a data set",
        request=DescribeDatasetSerializer,
        responses={201: DatasetSerializer},
    )
    def create(self, request: Request) -> Response:
        """Say what it is to hold. Nothing is frozen yet."""
        given = self.checked(DescribeDatasetSerializer)
        given["description"] = _description(given.get("description", {}))
        return self.created(describe_dataset(actor=self.actor, **given))

    @extend_schema(
        summary="Change a description",
        request=DescribeDatasetSerializer(partial=True),
        responses=DatasetSerializer,
    )
    def partial_update(self, request: Request, **key: Any) -> Response:
        """What is left out stays, within the description too. Frozen versions do not change."""
        dataset = self.get_object()
        given = self.checked(DescribeDatasetSerializer, partial=True)
        values = {
            "name": given.get("name", dataset.name),
            "purpose": given.get("purpose", dataset.purpose),
            "organisations": given.get("organisations", list(dataset.organisations.all())),
            "description": _description({**dataset.description, **given.get("description", {})}),
        }
        redescribe_dataset(dataset=dataset, actor=self.actor, **values)
        return self.shown(self.get_object())

    @extend_schema(
        summary="Look at what the record offers",
        request=PreviewDatasetSerializer,
        responses=PreviewSerializer,
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def preview(self, request: Request) -> Response:
        """What a description would take today, what is missing, and what is left out and why."""
        given = self.checked(PreviewDatasetSerializer)
        check_administers(self.actor, given["organisations"])
        preview = preview_dataset(
            organisations=given["organisations"],
            description=_description(given.get("description", {})),
        )
        return Response(PreviewSerializer(preview).data)

    @extend_schema(
        summary="Freeze a data set",
        request=None,
        responses={
            201: DatasetVersionSerializer,
            200: OpenApiResponse(
                DatasetVersionSerializer, "Nothing has changed: the version that is there already."
            ),
        },
    )
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, **key: Any) -> Response:
        """Make a version that never changes. An unchanged record gives the version it has."""
        frozen = freeze_dataset(dataset=self.get_object(), actor=self.actor)
        context = self.get_serializer_context()
        data = DatasetVersionSerializer(frozen.version, context=context).data
        return Response(data, status=201 if frozen.is_new else 200)


def _description(values: Mapping[str, Any]) -> Description:
    """Raises ValidationError where the fields say together what cannot be meant."""
    try:
        return Description.from_json(values)
    except DescriptionError as refusal:
        errors = {"description": {refusal.field: [refusal.reason]}}
        raise serializers.ValidationError(errors) from refusal
