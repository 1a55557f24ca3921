"""`/annotations/`: regions that readers drew on images, as W3C Web Annotations."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.filters import RecordFilterSet
from accounts.api.problems import QueryInvalid
from accounts.api.serializers import RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.annotation.vocabulary import CHOICES
from clinic.models import Annotation, ReadingState
from clinic.selectors import visible_images
from clinic.selectors.annotations import annotation_document, visible_annotations
from clinic.services.annotations import LONGEST_TEXT, delete_annotation, save_annotation

LARGEST_VERSION = 2**31 - 1


class AnnotationSerializer(serializers.ModelSerializer):
    """The newest version of one region, with the label that it was given."""

    id = serializers.UUIDField(source="key", read_only=True)
    version = serializers.IntegerField(read_only=True, min_value=1, max_value=LARGEST_VERSION)
    image = serializers.UUIDField(source="image_id", read_only=True)
    case = serializers.UUIDField(source="image.case_id", read_only=True)
    lesion = serializers.UUIDField(source="image.lesion_id", read_only=True)
    label = serializers.ChoiceField(  # type: ignore[assignment]  # Field.label is another thing
        choices=CHOICES, read_only=True
    )
    creator = serializers.CharField(source="creator.full_name", read_only=True)
    stage = serializers.ChoiceField(
        choices=ReadingState.choices,
        read_only=True,
        help_text="How far the reader was: from revealed on, the model's answer had been seen.",
    )
    annotation = serializers.SerializerMethodField(
        help_text="W3C Web Annotation (JSON-LD); pixels of the upright original."
    )

    class Meta:
        model = Annotation
        fields = [
            "id",
            "version",
            "image",
            "case",
            "lesion",
            "label",
            "text",
            "creator",
            "stage",
            "annotation",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_annotation(self, row: Annotation) -> dict[str, Any]:
        """As the standard has it."""
        return annotation_document(row)


class SaveAnnotationSerializer(RequestSerializer):
    """A region, or a new version of one."""

    id = serializers.UUIDField(
        required=False, help_text="Of your choice; left out for a new annotation, one is made."
    )
    version = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_VERSION,
        default=0,
        help_text="The version that this one is based on; 0 for a new annotation.",
    )
    image = VisibleKeyField(selector=lambda user: visible_images(user).select_related("case"))
    label = serializers.ChoiceField(choices=CHOICES)  # type: ignore[assignment]  # as above
    text = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")
    target = serializers.DictField(
        help_text="W3C target with a FragmentSelector (`xywh=pixel:…`) or an SvgSelector."
    )


class AnnotationFilterSet(RecordFilterSet):
    """By image, case, lesion or label."""

    image = UUIDFilter(field_name="image_id")
    case = UUIDFilter(field_name="image__case_id")
    lesion = UUIDFilter(field_name="image__lesion_id")
    label = ChoiceFilter(choices=CHOICES)


@extend_schema_view(
    list=extend_schema(summary="List annotations"),
    retrieve=extend_schema(summary="One annotation"),
)
class AnnotationViewSet(ReadableViewSet):
    """Annotations of signed reads, and the sender's own. Deleted ones are left out."""

    serializer_class = AnnotationSerializer
    filterset_class = AnnotationFilterSet
    lookup_field = "key"
    lookup_url_kwarg = "pk"

    def get_queryset(self) -> QuerySet[Annotation]:
        """What the blind rule lets the sender see."""
        return visible_annotations(self.request.user).select_related("creator", "image__case")

    @extend_schema(
        summary="Keep an annotation",
        request=SaveAnnotationSerializer,
        responses={201: AnnotationSerializer},
    )
    def create(self, request: Request) -> Response:
        """By the dermatologist on whose desk the case lies. Each call adds a version; one that is
        based on an older version than the newest is a conflict (409).
        """
        fields = self.checked(SaveAnnotationSerializer)
        key = fields.pop("id", None) or uuid4()
        row = save_annotation(actor=self.actor, key=key, **fields)
        response = self.shown(self.get_queryset().get(pk=row.pk), status=201)
        address = reverse(f"{self.basename}-detail", args=[row.key], request=request)
        response["Location"] = address
        return response

    @extend_schema(
        summary="Delete an annotation",
        responses={204: None},
        parameters=[
            OpenApiParameter(
                "version", {"type": "integer", "minimum": 1, "maximum": LARGEST_VERSION},
                required=True, description="The newest version, which is deleted.",
            )
        ],
    )  # fmt: skip
    def destroy(self, request: Request, **key: Any) -> Response:
        """A tombstone is added; no version is lost."""
        version = _version(request.query_params.getlist("version"))
        row = self.get_object()
        delete_annotation(image=row.image, actor=self.actor, key=row.key, version=version)
        return Response(status=204)


def _version(given: list[str]) -> int:
    text = given[0] if len(given) == 1 else ""
    # Ten digits at most, before Python counts them.
    if text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST_VERSION:
        return int(text)
    raise QueryInvalid({"version": ["Say which version is to be deleted."]})
