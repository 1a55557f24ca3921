"""Patients that a person may see."""

from datetime import date
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import Organisation, User
from accounts.selectors import visible_organisations
from clinic.models import Patient


def visible_patients(user: User | AnonymousUser) -> QuerySet[Patient]:
    """Patients of the person's organisations."""
    return Patient.objects.filter(organisation__in=visible_organisations(user))


def search_patients(
    user: User, *, organisation: Organisation | None = None, text: str = ""
) -> QuerySet[Patient]:
    """Patients whose names or number contain every word of `text`, newest first."""
    patients = visible_patients(user)
    if organisation is not None:
        patients = patients.filter(organisation=organisation)
    for word in text.replace(",", " ").split()[:6]:
        patients = patients.filter(
            Q(family_name__icontains=word)
            | Q(given_name__icontains=word)
            | Q(medical_record_number__icontains=word)
        )
    return patients.order_by("-created_at", "-id")


def similar_patients(
    *,
    organisation_id: UUID,
    family_name: str,
    given_name: str = "",
    birth_date: date | None = None,
) -> QuerySet[Patient]:
    """Likely duplicates: the same names, or the same family name and birth date."""
    same_name = Q(family_name__iexact=family_name.strip(), given_name__iexact=given_name.strip())
    if birth_date is not None:
        same_name = Q(family_name__iexact=family_name.strip(), birth_date=birth_date) | (
            same_name & Q(birth_date__isnull=True)
        )
    return Patient.objects.filter(same_name, organisation_id=organisation_id)
