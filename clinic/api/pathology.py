"""`/pathology-results/`: what a lesion turned out to be."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import LONG_TEXT, RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.api.fields import DiagnosisCodeField, DiagnosisSummarySerializer
from clinic.models import ConfirmationMethod, PathologyResult
from clinic.selectors import visible_lesions, visible_pathology
from clinic.services import record_pathology


class PathologyResultSerializer(serializers.ModelSerializer):
    """A result, and how it is known."""

    lesion = serializers.UUIDField(source="lesion_id", read_only=True)
    diagnosis = DiagnosisSummarySerializer(read_only=True)
    recorded_by = serializers.CharField(
        source="recorded_by.full_name",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="Who recorded it; null for an import.",
    )

    class Meta:
        model = PathologyResult
        fields = [
            "id",
            "lesion",
            "diagnosis",
            "method",
            "reported_on",
            "report",
            "recorded_by",
            "created_at",
        ]
        read_only_fields = fields


class RecordPathologySerializer(RequestSerializer):
    """A new result."""

    lesion = VisibleKeyField(selector=visible_lesions)
    diagnosis = DiagnosisCodeField(help_text="Code of a selectable diagnosis.")
    method = serializers.ChoiceField(choices=ConfirmationMethod.choices)
    reported_on = serializers.DateField(required=False, allow_null=True)
    report = serializers.CharField(max_length=LONG_TEXT, allow_blank=True, required=False)

    def validate_reported_on(self, value: date | None) -> date | None:
        """Not to come."""
        if value is not None and value > timezone.localdate():
            raise serializers.ValidationError("This day has not come yet.")
        return value


class PathologyFilterSet(RecordFilterSet):
    """By lesion, patient, method or diagnosis."""

    lesion = UUIDFilter(field_name="lesion_id")
    patient = UUIDFilter(field_name="lesion__patient_id")
    method = ChoiceFilter(choices=ConfirmationMethod.choices)
    diagnosis = CharFilter(field_name="diagnosis__code", help_text="Code of the diagnosis.")


@extend_schema_view(
    list=extend_schema(summary="List pathology results"),
    retrieve=extend_schema(summary="One pathology result"),
)
class PathologyResultViewSet(ReadableViewSet):
    """Results outrank opinions and never change them."""

    serializer_class = PathologyResultSerializer
    filterset_class = PathologyFilterSet

    def get_queryset(self) -> QuerySet[PathologyResult]:
        """Results of the sender's organisations."""
        return visible_pathology(self.request.user).select_related("diagnosis", "recorded_by")

    @extend_schema(
        summary="Add a pathology result",
        request=RecordPathologySerializer,
        responses={201: PathologyResultSerializer},
    )
    def create(self, request: Request) -> Response:
        """It stands beside earlier ones."""
        fields = self.checked(RecordPathologySerializer)
        return self.created(record_pathology(actor=self.actor, **fields))
