"""`/lesions/`."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import LONG_TEXT, RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.models import BodySide, BodySite, BodyView, Lesion
from clinic.selectors import visible_lesions, visible_patients
from clinic.services import amend_lesion, register_lesion


class LesionSerializer(serializers.ModelSerializer):
    """A place on a patient's skin, numbered within the patient."""

    patient = serializers.UUIDField(source="patient_id", read_only=True)
    view = serializers.ChoiceField(choices=BodyView.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Lesion
        fields = [
            "id",
            "patient",
            "number",
            "body_site",
            "side",
            "view",
            "map_x",
            "map_y",
            "history",
            "first_seen_on",
            "source_reference",
            "created_at",
        ]
        read_only_fields = fields


class AmendLesionSerializer(RequestSerializer):
    """What of a lesion can be corrected."""

    body_site = serializers.ChoiceField(choices=BodySite.choices)
    side = serializers.ChoiceField(choices=BodySide.choices, required=False)
    view = serializers.ChoiceField(
        choices=BodyView.choices,
        allow_blank=True,
        required=False,
        help_text="Which drawing of the body map the mark is on.",
    )
    map_x = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        allow_null=True,
        help_text="From the left edge of the drawing. Needs `view` and `map_y`.",
    )
    map_y = serializers.FloatField(
        min_value=0, max_value=1, required=False, allow_null=True, help_text="From its top edge."
    )
    history = serializers.CharField(max_length=LONG_TEXT, allow_blank=True, required=False)
    first_seen_on = serializers.DateField(required=False, allow_null=True)

    def validate_first_seen_on(self, value: date | None) -> date | None:
        """Not to come."""
        if value is not None and value > timezone.localdate():
            raise serializers.ValidationError("This day has not come yet.")
        return value


class RegisterLesionSerializer(AmendLesionSerializer):
    """A new lesion."""

    patient = VisibleKeyField(selector=visible_patients)


class LesionFilterSet(RecordFilterSet):
    """By patient or place."""

    patient = UUIDFilter(field_name="patient_id")
    body_site = ChoiceFilter(choices=BodySite.choices)


@extend_schema_view(
    list=extend_schema(summary="List lesions"),
    retrieve=extend_schema(summary="One lesion"),
)
class LesionViewSet(ReadableViewSet):
    """Lesions of patients, seen once or many times."""

    serializer_class = LesionSerializer
    filterset_class = LesionFilterSet

    def get_queryset(self) -> QuerySet[Lesion]:
        """Lesions of the sender's organisations."""
        return visible_lesions(self.request.user).select_related("patient")

    @extend_schema(
        summary="Mark a lesion",
        request=RegisterLesionSerializer,
        responses={201: LesionSerializer},
    )
    def create(self, request: Request) -> Response:
        """It gets the next number of its patient."""
        fields = self.checked(RegisterLesionSerializer)
        return self.created(register_lesion(actor=self.actor, **fields))

    @extend_schema(
        summary="Correct a lesion",
        request=AmendLesionSerializer(partial=True),
        responses=LesionSerializer,
    )
    def partial_update(self, request: Request, **key: Any) -> Response:
        """Its place or its history."""
        lesion = self.get_object()
        fields = self.checked(AmendLesionSerializer, partial=True)
        return self.shown(amend_lesion(lesion=lesion, actor=self.actor, **fields))
