"""`/readings/`: a reader's turn at a case, from the assignment to the signature."""

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from accounts.api.filters import MomentFilter, RecordFilterSet
from accounts.api.views import ReadableViewSet
from clinic.models import CaseState, Reading, ReadingRole, ReadingState
from clinic.selectors import visible_readings


class ReadingSerializer(serializers.ModelSerializer):
    """One reader's turn at one case."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    case_state = serializers.SerializerMethodField(
        help_text="Null until it is signed, like the role."
    )
    reader = serializers.CharField(source="reader.full_name", read_only=True)
    role = serializers.SerializerMethodField(
        help_text="Null until it is signed: a second reader does not know of the first."
    )

    class Meta:
        model = Reading
        fields = [
            "id",
            "case",
            "case_state",
            "reader",
            "role",
            "state",
            "is_blind",
            "lock_expires_at",
            "assigned_at",
            "committed_at",
            "revealed_at",
            "signed_at",
            "model_opinion",
            "taxonomy_version",
            "proof_method",
            "proved_at",
            "reason",
            "digest",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "model_opinion": {
                "help_text": "What the model said when it was shown, by the key of the lesion."
            },
            "digest": {"help_text": "SHA-256 over what was signed."},
        }

    @extend_schema_field(serializers.ChoiceField(choices=CaseState.choices, allow_null=True))
    def get_case_state(self, reading: Reading) -> str | None:
        """Where the case stands."""
        return reading.case.state if reading.state == ReadingState.SIGNED else None

    @extend_schema_field(serializers.ChoiceField(choices=ReadingRole.choices, allow_null=True))
    def get_role(self, reading: Reading) -> str | None:
        """First, second, adjudication or amendment."""
        return reading.role if reading.state == ReadingState.SIGNED else None


class ReadingFilterSet(RecordFilterSet):
    """By case, patient, state and time of the signature."""

    case = UUIDFilter(field_name="case_id")
    patient = UUIDFilter(field_name="case__patient_id")
    state = ChoiceFilter(choices=ReadingState.choices)
    signed_from = MomentFilter(field_name="signed_at", lookup_expr="gte")
    signed_before = MomentFilter(field_name="signed_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="List readings"),
    retrieve=extend_schema(summary="One reading"),
)
class ReadingViewSet(ReadableViewSet):
    """One's own readings, and signed ones where blind reading lets them through."""

    serializer_class = ReadingSerializer
    filterset_class = ReadingFilterSet

    def get_queryset(self) -> QuerySet[Reading]:
        """Nobody sees what a colleague has not signed."""
        return visible_readings(self.request.user).select_related("reader", "case")
