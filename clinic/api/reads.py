"""`/reads/`: a dermatologist's draft on a lesion, and what has been signed."""

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MomentFilter, RecordFilterSet
from accounts.api.serializers import LONG_TEXT, RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.api.fields import DiagnosisCodeField, DiagnosisSummarySerializer
from clinic.models import Management, Read, ReadState
from clinic.selectors import visible_cases, visible_lesions, visible_reads
from clinic.services import save_read


class ReadSerializer(serializers.ModelSerializer):
    """One person's opinion on one lesion in one case."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    lesion = serializers.UUIDField(source="lesion_id", read_only=True)
    reader = serializers.CharField(
        source="reader.full_name", read_only=True, help_text="The name under the signature."
    )
    diagnosis = DiagnosisSummarySerializer(read_only=True, allow_null=True)
    management = serializers.ChoiceField(
        choices=Management.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = Read
        fields = [
            "id",
            "case",
            "lesion",
            "reader",
            "state",
            "diagnosis",
            "management",
            "monitor_months",
            "comment",
            "signed_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class SaveReadSerializer(RequestSerializer):
    """An opinion. What is left out stays as an earlier draft has it."""

    case = VisibleKeyField(selector=visible_cases)
    lesion = VisibleKeyField(selector=visible_lesions)
    diagnosis = DiagnosisCodeField(
        required=False, allow_null=True, help_text="Code of a selectable diagnosis."
    )
    management = serializers.ChoiceField(
        choices=Management.choices, allow_blank=True, required=False
    )
    monitor_months = serializers.IntegerField(
        min_value=1, max_value=36, allow_null=True, required=False
    )
    comment = serializers.CharField(max_length=LONG_TEXT, allow_blank=True, required=False)


class ReadFilterSet(RecordFilterSet):
    """By case, lesion, patient, state or diagnosis."""

    case = UUIDFilter(field_name="case_id")
    lesion = UUIDFilter(field_name="lesion_id")
    patient = UUIDFilter(field_name="case__patient_id")
    state = ChoiceFilter(choices=ReadState.choices)
    diagnosis = CharFilter(field_name="diagnosis__code", help_text="Code of the diagnosis.")
    signed_from = MomentFilter(field_name="signed_at", lookup_expr="gte")
    signed_before = MomentFilter(field_name="signed_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="List reads"),
    retrieve=extend_schema(summary="One read"),
)
class ReadViewSet(ReadableViewSet):
    """Signed reads of the sender's organisations, and the sender's own drafts."""

    serializer_class = ReadSerializer
    filterset_class = ReadFilterSet

    def get_queryset(self) -> QuerySet[Read]:
        """Nobody sees a colleague's draft."""
        return visible_reads(self.request.user).select_related("reader", "diagnosis")

    @extend_schema(
        summary="Keep a draft read", request=SaveReadSerializer, responses={201: ReadSerializer}
    )
    def create(self, request: Request) -> Response:
        """Dermatologists only. Sent again, it replaces the same draft; sign it with its case."""
        fields = self.checked(SaveReadSerializer)
        return self.created(save_read(reader=self.actor, **fields))
