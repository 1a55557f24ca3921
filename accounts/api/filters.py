"""Filters of lists. A parameter that is unknown or wrong is refused, never ignored.

A filter that is silently dropped would answer with everybody's rows where one patient was meant.
"""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import IntegerField
from django_filters import FilterSet, IsoDateTimeFilter, NumberFilter, TypedChoiceFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.pagination import NewestFirst
from accounts.api.problems import QueryInvalid


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, with a refusal where the query says something that it does not know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        """The rows that match every parameter."""
        if getattr(view, "action", "list") != "list":
            return queryset
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.filters) if filterset else set()
        _require_known(request, known | set(NewestFirst.parameters))
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise QueryInvalid(translate_validation(filterset.errors).detail)
        return filterset.qs


def _require_known(request: Request, known: set[str]) -> None:
    errors = {}
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(sorted(known))
            errors[name] = [f"There is no parameter of this name; there are {names}."]
        elif len(values) > 1:
            errors[name] = ["Give this parameter once."]
        elif values[0] == "":
            errors[name] = ["Give a value, or leave this parameter out."]
    if errors:
        raise QueryInvalid(errors)


@extend_schema_field({"type": "boolean"})
class YesNoFilter(TypedChoiceFilter):
    """`true` or `false`. The stock filter ignores anything else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda value: value == "true",
            **options,
        )


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": 2**31 - 1})
class CountingNumberFilter(NumberFilter):
    """1, 2, 3 and so on, as far as the database counts."""

    field_class = IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=2**31 - 1, **options)


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class ProbabilityFilter(NumberFilter):
    """0 to 1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=1, **options)


class _MomentField(IsoDateTimeField):
    def clean(self, value: Any) -> datetime | None:
        """In UTC: PostgreSQL knows no offset of 16 hours or more, ISO 8601 does."""
        moment = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(IsoDateTimeFilter):
    """A moment in ISO 8601; without an offset it is in the installation's time zone."""

    field_class = _MomentField


class RecordFilterSet(FilterSet):
    """What every list of the record can be narrowed by."""

    created_from = MomentFilter(
        field_name="created_at", lookup_expr="gte", help_text="Stored at this time or later."
    )
    created_before = MomentFilter(
        field_name="created_at", lookup_expr="lt", help_text="Stored before this time."
    )
