"""`/patients/`."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import CharFilter, DateFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import OrganisationKeyField, RequestSerializer
from accounts.api.views import ReadableViewSet
from accounts.models import Organisation, User
from clinic.models import FitzpatrickType, Patient, ResearchConsent, Sex
from clinic.selectors import visible_patients
from clinic.services import amend_patient, register_patient
from clinic.services.datasets import record_research_consent


class PatientSerializer(serializers.ModelSerializer):
    """A patient of one organisation."""

    organisation = serializers.UUIDField(source="organisation_id", read_only=True)
    age = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Whole years today, or the approximate age."
    )

    class Meta:
        model = Patient
        fields = [
            "id",
            "organisation",
            "medical_record_number",
            "given_name",
            "family_name",
            "sex",
            "birth_date",
            "approximate_age",
            "age",
            "fitzpatrick_type",
            "research_consent",
            "research_consent_on",
            "is_synthetic",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class AmendPatientSerializer(RequestSerializer):
    """What of a patient can be corrected."""

    medical_record_number = serializers.CharField(max_length=40)
    family_name = serializers.CharField(max_length=100)
    given_name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    birth_date = serializers.DateField(required=False, allow_null=True)
    approximate_age = serializers.IntegerField(
        min_value=0,
        max_value=120,
        required=False,
        allow_null=True,
        help_text="In years, where the birth date is not known.",
    )
    fitzpatrick_type = serializers.ChoiceField(
        choices=FitzpatrickType.choices, required=False, allow_null=True
    )
    is_synthetic = serializers.BooleanField(required=False, help_text="Invented, not a person.")

    def validate_birth_date(self, value: date | None) -> date | None:
        """Not before 1900 and not to come."""
        if value is not None and not date(1900, 1, 1) <= value <= timezone.localdate():
            raise serializers.ValidationError("A birth date lies between 1900 and today.")
        return value


class RegisterPatientSerializer(AmendPatientSerializer):
    """A new patient."""

    organisation = OrganisationKeyField()


class RecordConsentSerializer(RequestSerializer):
    """What the patient answered, and when (today, where no day is given)."""

    research_consent = serializers.ChoiceField(
        choices=[choice for choice in ResearchConsent.choices if choice[0] != "not_asked"]
    )
    research_consent_on = serializers.DateField(required=False)


class PatientFilterSet(RecordFilterSet):
    """By number, name or birth date."""

    organisation = UUIDFilter(field_name="organisation_id")
    medical_record_number = CharFilter(help_text="Exactly this number.")
    family_name = CharFilter(lookup_expr="iexact", help_text="This name, whatever its case.")
    birth_date = DateFilter()


@extend_schema_view(
    list=extend_schema(summary="List patients"),
    retrieve=extend_schema(summary="One patient"),
)
class PatientViewSet(ReadableViewSet):
    """People in care. The medical record number is unique in its organisation."""

    serializer_class = PatientSerializer
    filterset_class = PatientFilterSet

    def get_queryset(self) -> QuerySet[Patient]:
        """Patients of the sender's organisations."""
        return visible_patients(self.request.user)

    @extend_schema(
        summary="Register a patient",
        request=RegisterPatientSerializer,
        responses={201: PatientSerializer},
    )
    def create(self, request: Request) -> Response:
        """Clinicians and dermatologists register patients."""
        fields = self.checked(RegisterPatientSerializer)
        organisation = fields.pop("organisation", None) or only_organisation(self.actor)
        return self.created(register_patient(organisation=organisation, actor=self.actor, **fields))

    @extend_schema(
        summary="Correct a patient",
        request=AmendPatientSerializer(partial=True),
        responses=PatientSerializer,
    )
    def partial_update(self, request: Request, **key: Any) -> Response:
        """The history keeps what stood there before."""
        patient = self.get_object()
        fields = self.checked(AmendPatientSerializer, partial=True)
        return self.shown(amend_patient(patient=patient, actor=self.actor, **fields))

    @extend_schema(
        summary="Record research consent",
        request=RecordConsentSerializer,
        responses=PatientSerializer,
    )
    @action(detail=True, methods=["post"])
    def consent(self, request: Request, **key: Any) -> Response:
        """A withdrawal takes the patient out of every data set that is exported from then on."""
        patient = self.get_object()
        fields = self.checked(RecordConsentSerializer)
        patient = record_research_consent(
            patient=patient,
            consent=fields["research_consent"],
            on=fields.get("research_consent_on"),
            actor=self.actor,
        )
        return self.shown(patient)


def only_organisation(user: User) -> Organisation:
    """The organisation of somebody who works in one; raises ValidationError for others."""
    memberships = user.current_memberships
    if len(memberships) != 1:
        raise serializers.ValidationError(
            {"organisation": ["Say which of your organisations the patient belongs to."]},
            code="required",
        )
    return memberships[0].organisation
