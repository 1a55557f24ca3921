"""What is taken for the truth of a lesion, as expressions over reads."""

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from clinic.models import ConfirmationMethod, PathologyResult, Read, Reading, ReadingRole
from clinic.selectors.verdicts import CERTAINTY

# A result "by expert consensus" is an opinion of readers too, and counts with theirs.
CONFIRMED = tuple(method for method in ConfirmationMethod if method != ConfirmationMethod.CONSENSUS)


def pathology() -> Subquery:
    """The lesion's result: the most certain one, of equally certain ones the newest."""
    return _result(Q(method__in=CONFIRMED))


def pathology_or_consensus() -> Coalesce:
    """The result; without one, what the readers of the case agree on."""
    return Coalesce(_result(Q()), _consensus(), output_field=models.BigIntegerField())


def _result(condition: Q) -> Subquery:
    certainty = Case(
        *(When(method=method, then=Value(rank)) for method, rank in CERTAINTY.items()),
        output_field=models.IntegerField(),
    )
    results = PathologyResult.objects.filter(condition, lesion=OuterRef("lesion"))
    return Subquery(results.order_by(certainty, "-created_at").values("diagnosis")[:1])


def _consensus() -> Case:
    """The adjudicated answer, or the answer of two readings that agree.

    An amended answer is one person's again, and no consensus.
    """
    answer = Read.objects.filter(
        reading=OuterRef("case__answer"), lesion=OuterRef("lesion"), stands=True
    )
    second = Reading.objects.filter(case=OuterRef("case"), role=ReadingRole.SECOND, state="signed")
    agreed = Q(case__answer__role=ReadingRole.ADJUDICATION) | (
        Q(case__answer__role=ReadingRole.FIRST) & Exists(second)
    )
    return Case(
        When(agreed, then=Subquery(answer.order_by().values("diagnosis")[:1])),
        default=None,
        output_field=models.BigIntegerField(),
    )


def standing() -> Case:
    """The diagnosis that counts within the reading, after a change of mind or without one."""
    changed = Read.objects.filter(
        reading=OuterRef("reading"), lesion=OuterRef("lesion"), stands=True
    )
    return Case(
        When(stands=True, then=F("diagnosis")),
        default=Subquery(changed.order_by().values("diagnosis")[:1]),
        output_field=models.BigIntegerField(),
    )
