"""Finding cases: by state, by who submitted them, by patient or number."""

import re

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, LesionImage, Patient
from clinic.selectors.cases import visible_cases

REFERENCE = re.compile(r"^(?:c-?)?0*(\d{1,9})$", re.IGNORECASE)


def search_cases(
    user: User,
    *,
    organisation: Organisation,
    text: str = "",
    state: str = "",
    submitter: User | None = None,
) -> QuerySet[Case]:
    """Cases of an organisation, newest first. Every word of `text` must be in the patient's
    names or number, or be the case's own number ("42", "C-00042").
    """
    cases = visible_cases(user).filter(organisation=organisation)
    for word in text.replace(",", " ").split()[:6]:
        found = (
            Q(patient__family_name__icontains=word)
            | Q(patient__given_name__icontains=word)
            | Q(patient__medical_record_number__icontains=word)
        )
        if reference := REFERENCE.match(word):
            found |= Q(number=int(reference[1]))
        cases = cases.filter(found)
    if state:
        cases = cases.filter(state=state)
    if submitter is not None:
        cases = cases.filter(submitter=submitter)
    return cases.order_by("-created_at", "-id")


def untouched_draft(user: User, patient: Patient) -> Case | None:
    """The person's own draft for a patient that has no image and no question yet."""
    drafts = visible_cases(user).filter(
        patient=patient, submitter=user, state=CaseState.DRAFT, clinical_question=""
    )
    return drafts.filter(images__isnull=True).order_by("-created_at", "-id").first()


def count_by_state(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of these cases are in each state, in one query."""
    rows = cases.order_by().values("state").annotate(cases=Count("pk"))
    counts = dict.fromkeys(CaseState.values, 0)
    return counts | {row["state"]: row["cases"] for row in rows}


def with_summary(cases: QuerySet[Case]) -> QuerySet[Case]:
    """What a row of a list shows, without a query a row.

    Adds `first_image_id` (a UUID or None) and `image_count`; loads patient and submitter.
    """
    images = LesionImage.objects.filter(case=OuterRef("pk"))
    counted = images.order_by().values("case").annotate(images=Count("pk")).values("images")
    return cases.select_related("patient", "submitter").annotate(
        first_image_id=Subquery(
            images.order_by("created_at", "id").values("pk")[:1], output_field=UUIDField()
        ),
        image_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
    )
