"""Filters of lists. A parameter that is unknown or wrong is refused, never ignored.

A filter that is silently dropped would answer with everybody's rows where one patient was meant.
"""

from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet, IsoDateTimeFilter
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation
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
    if errors:
        raise QueryInvalid(errors)


class RecordFilterSet(FilterSet):
    """What every list of the record can be narrowed by."""

    created_from = IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", help_text="Stored at this time or later."
    )
    created_before = IsoDateTimeFilter(
        field_name="created_at", lookup_expr="lt", help_text="Stored before this time."
    )
