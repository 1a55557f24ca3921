"""`/reads/`: a dermatologist's draft on a lesion, and what has been signed."""

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MomentFilter, RecordFilterSet
from accounts.api.problems import MEDIA_TYPE, problem
from accounts.api.serializers import LONG_TEXT, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.api.fields import DiagnosisSummarySerializer
from clinic.api.reading_acts import OpinionSerializer
from clinic.models import Management, Read, ReadStage, ReadState
from clinic.selectors import visible_cases, visible_lesions, visible_reads
from clinic.services import DraftConflict, reconsider_read, save_read

LARGEST_VERSION = 2**31 - 1


class ReadSerializer(serializers.ModelSerializer):
    """One person's opinion on one lesion in one case."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    lesion = serializers.UUIDField(source="lesion_id", read_only=True)
    reading = serializers.UUIDField(source="reading_id", read_only=True)
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
            "reading",
            "reader",
            "stage",
            "state",
            "stands",
            "version",
            "diagnosis",
            "management",
            "monitor_months",
            "confidence",
            "criteria",
            "comment",
            "reason",
            "signed_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class SaveReadSerializer(OpinionSerializer):
    """An opinion. What is left out stays as an earlier draft has it."""

    case = VisibleKeyField(selector=visible_cases)
    lesion = VisibleKeyField(selector=visible_lesions)
    stage = serializers.ChoiceField(
        choices=ReadStage.choices,
        default=ReadStage.FIRST,
        help_text="`reconsidered` after the model's answer was seen; it needs a reason.",
    )
    version = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_VERSION,
        default=0,
        help_text="Version of the draft that it changes; 0 (or left out) begins one.",
    )
    reason = serializers.CharField(max_length=LONG_TEXT, allow_blank=True, required=False)


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
        """Dermatologists only. A draft that was changed since `version` is answered with 409 and
        stands in `current`: nothing is overwritten unseen.
        """
        fields = self.checked(SaveReadSerializer)
        stage = fields.pop("stage")
        save = save_read if stage == ReadStage.FIRST else reconsider_read
        try:
            return self.created(save(reader=self.actor, **fields))
        except DraftConflict as conflict:
            body = problem(conflict.status, detail=str(conflict), code=conflict.code)
            body["current"] = self.get_serializer(conflict.stored).data
            return Response(body, status=conflict.status, content_type=MEDIA_TYPE)
