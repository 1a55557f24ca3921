"""`/cases/`: draft, submit, cancel, sign."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import CountingNumberFilter, MomentFilter, RecordFilterSet
from accounts.api.serializers import LONG_TEXT, RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.api.fields import PRIORITIES, PriorityField
from clinic.api.reading_acts import ReadingActs
from clinic.models import WAITING_STATES, Case, CaseState, Priority
from clinic.selectors import (
    may_see_model,
    may_see_readings,
    unblinded_cases,
    unsealed_cases,
    visible_cases,
    visible_patients,
)
from clinic.services import amend_case, cancel_case, start_case, submit_case

# What a case is in while somebody may still read it.
SEALED_STATES = (*WAITING_STATES, CaseState.CONCORDANT)


class CaseSerializer(serializers.ModelSerializer):
    """One clinical question about one patient."""

    organisation = serializers.UUIDField(source="organisation_id", read_only=True)
    patient = serializers.UUIDField(source="patient_id", read_only=True)
    reference = serializers.CharField(read_only=True, help_text="How people name it: C-00042.")
    priority = PriorityField(read_only=True)
    submitter = serializers.CharField(
        source="submitter.full_name", read_only=True, help_text="Name of who submitted it."
    )

    state = serializers.SerializerMethodField(
        help_text="To a dermatologist who may still read it, an open case is `submitted`, "
        "however far colleagues are."
    )
    malignancy = serializers.SerializerMethodField(
        help_text="The highest probability of malignancy among the model's answers; null while "
        "there is none, and for who reads blind and has not committed an own opinion."
    )

    class Meta:
        model = Case
        fields = [
            "id",
            "reference",
            "number",
            "organisation",
            "patient",
            "clinical_question",
            "priority",
            "state",
            "submitter",
            "submitted_at",
            "finalised_at",
            "cancelled_reason",
            "malignancy",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=CaseState.choices))
    def get_state(self, case: Case) -> str:
        """That a colleague has signed is a part of the colleague's opinion."""
        if case.state not in SEALED_STATES:
            return case.state
        shows_readings = getattr(case, "shows_readings", None)
        if shows_readings is None:
            shows_readings = may_see_readings(self.context["request"].user, case)
        return case.state if shows_readings else CaseState.SUBMITTED

    def get_malignancy(self, case: Case) -> float | None:
        """Nothing of the model's opinion reaches a reader who is to form an own one."""
        shows_model = getattr(case, "shows_model", None)
        if shows_model is None:
            shows_model = may_see_model(self.context["request"].user, case)
        return case.malignancy if shows_model else None


class AmendCaseSerializer(RequestSerializer):
    """What of a draft can be changed."""

    clinical_question = serializers.CharField(
        max_length=LONG_TEXT, allow_blank=True, required=False
    )
    priority = PriorityField(required=False)


class StartCaseSerializer(AmendCaseSerializer):
    """A new case."""

    patient = VisibleKeyField(selector=visible_patients)


class CancelCaseSerializer(RequestSerializer):
    """Why."""

    reason = serializers.CharField(max_length=300)


class CaseFilterSet(RecordFilterSet):
    """By state, patient, priority and time."""

    organisation = UUIDFilter(field_name="organisation_id")
    patient = UUIDFilter(field_name="patient_id")
    number = CountingNumberFilter()
    state = ChoiceFilter(choices=CaseState.choices, method="in_state")
    priority = ChoiceFilter(choices=PRIORITIES, method="of_priority")
    submitted_from = MomentFilter(field_name="submitted_at", lookup_expr="gte")
    submitted_before = MomentFilter(field_name="submitted_at", lookup_expr="lt")

    def in_state(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """As the rows show it: a state that is withheld finds nothing."""
        if value not in SEALED_STATES:
            return cases.filter(state=value)
        sealed = Q(state__in=SEALED_STATES, shows_readings=False)
        open_to = Q(state=value, shows_readings=True)
        return cases.filter(open_to | sealed if value == CaseState.SUBMITTED else open_to)

    def of_priority(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """The record keeps a number for the word."""
        return cases.filter(priority=Priority[value.upper()])


@extend_schema_view(
    list=extend_schema(summary="List cases"),
    retrieve=extend_schema(summary="One case"),
)
class CaseViewSet(ReadingActs, ReadableViewSet):
    """Cases, from the draft to the signed answer."""

    serializer_class = CaseSerializer
    filterset_class = CaseFilterSet

    def get_queryset(self) -> QuerySet[Case]:
        """Cases of the sender's organisations."""
        user = self.request.user
        shows_model = Exists(unblinded_cases(user).filter(pk=OuterRef("pk")))
        shows_readings = Exists(unsealed_cases(user).filter(pk=OuterRef("pk")))
        return (
            visible_cases(user)
            .select_related("submitter")
            .annotate(shows_model=shows_model, shows_readings=shows_readings)
        )

    @extend_schema(
        summary="Start a case", request=StartCaseSerializer, responses={201: CaseSerializer}
    )
    def create(self, request: Request) -> Response:
        """A draft: add images to it, then submit it."""
        fields = self.checked(StartCaseSerializer)
        return self.created(start_case(actor=self.actor, **fields))

    @extend_schema(
        summary="Change a draft",
        request=AmendCaseSerializer(partial=True),
        responses=CaseSerializer,
    )
    def partial_update(self, request: Request, **key: Any) -> Response:
        """The question and the priority, until it is submitted."""
        case = self.get_object()
        fields = self.checked(AmendCaseSerializer, partial=True)
        return self.shown(amend_case(case=case, actor=self.actor, **fields))

    @extend_schema(summary="Submit a case", request=None, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **key: Any) -> Response:
        """Hand a draft with at least one image to the readers. Twice is the same as once."""
        return self.shown(submit_case(case=self.get_object(), actor=self.actor))

    @extend_schema(summary="Cancel a case", request=CancelCaseSerializer, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **key: Any) -> Response:
        """Withdraw it before it is signed. The reason stays with it."""
        case = self.get_object()
        fields = self.checked(CancelCaseSerializer)
        return self.shown(cancel_case(case=case, actor=self.actor, **fields))
