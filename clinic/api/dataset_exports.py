"""`/dataset-exports/`: a frozen version in the formats of the field. For administrators."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.filters import RecordFilterSet
from accounts.api.negotiation import AnyAccepted
from accounts.api.problems import QueryInvalid
from accounts.api.serializers import RequestSerializer
from accounts.api.views import ApiViewSet, ReadableViewSet
from clinic.datasets.formats import FORMATS
from clinic.models import (
    DatasetExport,
    DatasetExportFile,
    DatasetVersion,
    ExportDelivery,
    ExportState,
)
from clinic.selectors.dataset_exports import visible_export_files, visible_exports
from clinic.selectors.datasets import visible_dataset_versions
from clinic.services.dataset_exports import (
    cancel_export,
    is_over,
    request_export,
    require_ready,
    retry_export,
)
from clinic.views.dataset_downloads import send_archive, send_file

FORMAT_CHOICES = [(form.key, form.name) for form in FORMATS.values()]
LONGEST_PATH = 200
CONTENT = OpenApiResponse(OpenApiTypes.BINARY, description="The stored bytes.")


class DatasetExportSerializer(serializers.ModelSerializer):
    """How far it is, and where it is fetched."""

    version = serializers.UUIDField(source="version_id", read_only=True)
    format = serializers.ChoiceField(choices=FORMAT_CHOICES, read_only=True)
    state = serializers.SerializerMethodField()
    requested_by = serializers.CharField(source="requested_by.full_name", read_only=True)
    download = serializers.SerializerMethodField(
        help_text="Where the zip is, or the list of the plain files; null until it is ready."
    )

    class Meta:
        model = DatasetExport
        fields = [
            "id",
            "version",
            "format",
            "delivery",
            "state",
            "done",
            "total",
            "size_bytes",
            "reason",
            "download",
            "requested_by",
            "created_at",
            "finished_at",
            "expires_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "done": {"help_text": "Documents and rows that are written, of `total`."},
            "reason": {"help_text": "Why it failed or was taken back."},
        }

    @extend_schema_field(serializers.ChoiceField(choices=ExportState.choices))
    def get_state(self, export: DatasetExport) -> str:
        """Expired from the moment on, also while its files are still being removed."""
        return ExportState.EXPIRED.value if is_over(export) else export.state

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_download(self, export: DatasetExport) -> str | None:
        """Absolute."""
        if export.state != ExportState.SUCCEEDED or is_over(export):
            return None
        what = "download" if export.delivery == ExportDelivery.ZIP else "files"
        request = self.context["request"]
        return reverse(f"api-dataset-export-{what}", args=[export.pk], request=request)


class RequestExportSerializer(RequestSerializer):
    """What to write."""

    format = serializers.ChoiceField(choices=FORMAT_CHOICES)
    delivery = serializers.ChoiceField(
        choices=ExportDelivery.choices, default=ExportDelivery.ZIP.value
    )


class ExportedFileSerializer(serializers.ModelSerializer):
    """One of the plain files."""

    address = serializers.SerializerMethodField(help_text="Where it is fetched.")

    class Meta:
        model = DatasetExportFile
        fields = ["path", "media_type", "size_bytes", "address"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_address(self, file: DatasetExportFile) -> str:
        """Absolute."""
        request = self.context["request"]
        return reverse(
            "api-dataset-export-file", args=[file.export_id], query={"path": file.path},
            request=request,
        )  # fmt: skip


class DatasetExportFilterSet(RecordFilterSet):
    """By version, delivery and state. (`?format=` is the framework's own word.)"""

    version = UUIDFilter(field_name="version_id")
    delivery = ChoiceFilter(choices=ExportDelivery.choices)
    state = ChoiceFilter(choices=ExportState.choices)


@extend_schema_view(
    list=extend_schema(summary="List the exports of a version"),
)
class VersionExportViewSet(ListModelMixin, ApiViewSet):
    """The exports of one version."""

    serializer_class = DatasetExportSerializer

    def get_queryset(self) -> QuerySet[DatasetExport]:
        """Of one version."""
        return visible_exports(self.request.user).filter(version=self.kwargs.get("pk"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A version that the sender may not see is not one without exports."""
        self._version()
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Write an export",
        request=RequestExportSerializer,
        responses={201: DatasetExportSerializer},
    )
    def create(self, request: Request, **key: Any) -> Response:
        """Ask for it; a worker writes it. The same export is written once at a time: asked for
        again, the answer is the one that is being written, or is ready.
        """
        given = self.checked(RequestExportSerializer)
        export = request_export(version=self._version(), actor=self.actor, **given)
        response = self.shown(export, status=201)
        response["Location"] = reverse(
            "api-dataset-export-detail", args=[export.pk], request=request
        )
        return response

    def _version(self) -> DatasetVersion:
        versions = visible_dataset_versions(self.request.user).select_related("dataset")
        return get_object_or_404(versions, pk=self.kwargs["pk"])


@extend_schema_view(
    list=extend_schema(summary="List exports"),
    retrieve=extend_schema(summary="One export"),
)
class DatasetExportViewSet(ReadableViewSet):
    """Exports of versions whose every organisation the sender administers."""

    serializer_class = DatasetExportSerializer
    filterset_class = DatasetExportFilterSet
    ordering: tuple[str, ...] = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[DatasetExport]:
        """None for anybody but administrators."""
        return visible_exports(self.request.user)

    @extend_schema(summary="Cancel an export", request=None, responses=DatasetExportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **key: Any) -> Response:
        """One that waits or is being written; what there is of it is removed."""
        return self.shown(cancel_export(export=self.get_object(), actor=self.actor))

    @extend_schema(summary="Go on with an export", request=None, responses=DatasetExportSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, **key: Any) -> Response:
        """One that failed: a worker goes on where it stopped."""
        return self.shown(retry_export(export=self.get_object(), actor=self.actor))

    @extend_schema(
        summary="Download the zip",
        responses={(200, "application/zip"): CONTENT},
        filters=False,
    )
    @action(detail=True, content_negotiation_class=AnyAccepted, pagination_class=None)
    def download(self, request: Request, **key: Any) -> HttpResponseBase:
        """Made while it is sent; its length is announced. Each download is noted.

        410 once it has expired or a patient of the version has withdrawn consent.
        """
        zips = self.get_queryset().filter(delivery=ExportDelivery.ZIP)
        return send_archive(request, get_object_or_404(zips, **key), user=self.actor)

    @extend_schema(
        summary="List the plain files",
        responses={200: ExportedFileSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, ordering=("path",), serializer_class=ExportedFileSerializer)
    def files(self, request: Request, **key: Any) -> Response:
        """In the order of their names."""
        exports = self.get_queryset().filter(delivery=ExportDelivery.FILES)
        export = get_object_or_404(exports, **key)
        require_ready(export=export)
        page = self.paginate_queryset(visible_export_files(request.user).filter(export=export))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Download one of the plain files",
        responses={(200, "application/octet-stream"): CONTENT},
        parameters=[
            OpenApiParameter(
                "path", {"type": "string", "minLength": 1, "maxLength": LONGEST_PATH},
                required=True, description="Its name inside the export.",
            )
        ],
        filters=False,
    )  # fmt: skip
    @action(detail=True, content_negotiation_class=AnyAccepted, pagination_class=None)
    def file(self, request: Request, **key: Any) -> HttpResponseBase:
        """As it was written. Each download is noted."""
        exports = self.get_queryset().filter(delivery=ExportDelivery.FILES)
        export = get_object_or_404(exports, **key)
        paths = request.query_params.getlist("path")
        if len(paths) != 1 or not paths[0] or "\0" in paths[0]:
            raise QueryInvalid({"path": ["Say which file, once."]})
        files = visible_export_files(request.user).filter(export=export)
        return send_file(request, get_object_or_404(files, path=paths[0]), user=self.actor)
