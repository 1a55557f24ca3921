"""`/images/`: upload into a draft, look up, download."""

import logging
from mimetypes import guess_type
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.filters import RecordFilterSet
from accounts.api.negotiation import AnyAccepted
from accounts.api.serializers import RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.imaging import DEFAULT_LIMITS
from clinic.models import ImageKind, LesionImage
from clinic.selectors import visible_cases, visible_images, visible_lesions
from clinic.services import add_image, log_access, remove_image
from clinic.services.images import PIXEL_SPACING_UM

logger = logging.getLogger(__name__)

FORM_OVERHEAD = 64 * 1024
"""Bytes of a multipart body beside the file: boundaries, headers and the few small fields."""
PICTURE = OpenApiResponse(OpenApiTypes.BINARY, description="The stored bytes.")
PICTURES = {
    (200, media_type): PICTURE
    for media_type in ("image/jpeg", "image/png", "image/webp", "image/heic")
}


class QualityFindingSerializer(serializers.Serializer):
    """Something about a picture that a reader may stumble over."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    measured = serializers.FloatField()


class ImageSerializer(serializers.ModelSerializer):
    """One picture of one lesion in one case. The files need the same authorisation as this."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    lesion = serializers.UUIDField(source="lesion_id", read_only=True)
    quality = QualityFindingSerializer(many=True, read_only=True)
    file = serializers.SerializerMethodField(help_text="Where the de-identified original is.")
    thumbnail = serializers.SerializerMethodField(help_text="Where the small rendition is.")

    class Meta:
        model = LesionImage
        fields = [
            "id",
            "case",
            "lesion",
            "kind",
            "media_type",
            "width",
            "height",
            "size_bytes",
            "pixel_spacing_um",
            "sha256",
            "captured_at",
            "quality",
            "source_reference",
            "file",
            "thumbnail",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_file(self, image: LesionImage) -> str:
        """Absolute."""
        return self._address("api-image-file", image)

    @extend_schema_field(OpenApiTypes.URI)
    def get_thumbnail(self, image: LesionImage) -> str:
        """Absolute."""
        return self._address("api-image-thumbnail", image)

    def _address(self, name: str, image: LesionImage) -> str:
        return reverse(name, args=[image.pk], request=self.context["request"])


class UploadImageSerializer(RequestSerializer):
    """A picture and where it belongs."""

    case = VisibleKeyField(selector=visible_cases)
    lesion = VisibleKeyField(selector=visible_lesions)
    kind = serializers.ChoiceField(choices=ImageKind.choices, required=False)
    pixel_spacing_um = serializers.FloatField(
        required=False,
        min_value=PIXEL_SPACING_UM[0],
        max_value=PIXEL_SPACING_UM[1],
        help_text="Micrometres on the skin from one pixel of the upright picture to the next, as "
        "the instrument's maker states it. Nothing in the file is taken for it.",
    )
    # The guard says more about an empty file than the framework would.
    file = serializers.FileField(
        allow_empty_file=True, help_text="JPEG, PNG, WebP or HEIC, at most 30 MB."
    )


class ImageFilterSet(RecordFilterSet):
    """By case, lesion, patient, kind or digest."""

    case = UUIDFilter(field_name="case_id")
    lesion = UUIDFilter(field_name="lesion_id")
    patient = UUIDFilter(field_name="case__patient_id")
    kind = ChoiceFilter(choices=ImageKind.choices)
    sha256 = CharFilter(help_text="Of the stored bytes.")


@extend_schema_view(
    list=extend_schema(summary="List images"),
    retrieve=extend_schema(summary="One image"),
)
class ImageViewSet(ReadableViewSet):
    """Pictures. Every download is noted in the access log."""

    serializer_class = ImageSerializer
    filterset_class = ImageFilterSet
    parser_classes = [MultiPartParser]

    def get_queryset(self) -> QuerySet[LesionImage]:
        """Images of the sender's organisations."""
        return visible_images(self.request.user).select_related("case")

    def longest_body(self) -> int:
        """One file of the largest size that the guard takes."""
        return DEFAULT_LIMITS.max_bytes + FORM_OVERHEAD

    @extend_schema(
        summary="Add an image",
        request={"multipart/form-data": UploadImageSerializer},
        responses={201: ImageSerializer},
    )
    def create(self, request: Request) -> Response:
        """It is checked and de-identified, and a prediction by each model in service is queued."""
        fields = self.checked(UploadImageSerializer)
        content = fields.pop("file").read()
        return self.created(add_image(content=content, actor=self.actor, **fields))

    @extend_schema(summary="Take an image out of a draft", responses={204: None})
    def destroy(self, request: Request, **key: Any) -> Response:
        """Images of a submitted case stay."""
        remove_image(image=self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(summary="Download an image", responses=PICTURES, filters=False)
    @action(detail=True, content_negotiation_class=AnyAccepted, pagination_class=None)
    def file(self, request: Request, **key: Any) -> HttpResponseBase:
        """The de-identified original, as it was stored."""
        return self._download("file", "download")

    @extend_schema(summary="Download a thumbnail", responses=PICTURES, filters=False)
    @action(detail=True, content_negotiation_class=AnyAccepted, pagination_class=None)
    def thumbnail(self, request: Request, **key: Any) -> HttpResponseBase:
        """The small rendition."""
        return self._download("thumbnail", "thumbnail")

    def _download(self, name: str, noted_as: str) -> HttpResponseBase:
        image = self.get_object()
        stored = getattr(image, name)
        if self.request.method == "GET":
            address = self.request.META.get("REMOTE_ADDR") or None
            log_access(user=self.actor, image=image, action=noted_as, address=address)
        if settings.STORAGE_REDIRECT:
            response: HttpResponseBase = HttpResponseRedirect(stored.storage.url(stored.name))
        else:
            response = self._streamed(image, name)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _streamed(self, image: LesionImage, name: str) -> FileResponse:
        stored = getattr(image, name)
        try:
            opened = stored.open("rb")
        except FileNotFoundError as error:
            logger.exception("The %s of image %s is not in storage", name, image.pk)
            raise NotFound("The file of this image is missing.", code="file_missing") from error
        kind = guess_type(stored.name)[0] if name == "thumbnail" else image.media_type
        response = FileResponse(
            opened,
            content_type=kind or "application/octet-stream",
            filename=f"{image.pk}{stored.name[stored.name.rindex('.') :]}",
        )
        if name == "file":
            response["ETag"] = quote_etag(image.sha256)
        return response
