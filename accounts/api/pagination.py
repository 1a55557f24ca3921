"""Keyset paging for the API: every page is one index range, whatever is written meanwhile."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.timezone import is_naive
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.api.problems import QueryInvalid

MAX_PAGE_SIZE = 200


class NewestFirst(BasePagination):
    """Pages by (created_at, id), so that rows of one bulk import, made at the same moment, are
    neither skipped nor repeated. A view with another `ordering` names fields that are never
    null, all in one direction, the last of them unique.
    """

    page_size = 50
    ordering: tuple[str, ...] = ("-created_at", "-id")
    parameters = ("cursor", "page_size")

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """One page of rows; reads one row more to know whether there is a next page."""
        self.base_url = request.build_absolute_uri()
        self.order = tuple(getattr(view, "ordering", None) or self.ordering)
        self.fields = [name.removeprefix("-") for name in self.order]
        size = self._size(request.query_params.get("page_size"))
        backwards, position = self._read(request.query_params.get("cursor"))
        descending = self.order[0].startswith("-") != backwards
        if position is not None:
            queryset = self._beyond(queryset, position, descending=descending)
        order = [f"-{name}" if descending else name for name in self.fields]
        rows = list(queryset.order_by(*order)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        self.rows = rows
        self.has_next = bool(rows) and (more or backwards)
        self.has_previous = bool(rows) and (more if backwards else position is not None)
        return rows

    def _beyond(
        self, queryset: QuerySet[Any], position: list[Any], *, descending: bool
    ) -> QuerySet[Any]:
        """Rows behind a position: (a, b) < (x, y), spelt so that an index on (a, b) serves it."""
        comparison = "lt" if descending else "gt"
        condition, equal = Q(), Q()
        first = None
        for name, text in zip(self.fields, position, strict=True):
            value = _value(queryset.model, name, text)
            first = first or Q(**{f"{name}__{comparison}e": value})
            condition |= equal & Q(**{f"{name}__{comparison}": value})
            equal &= Q(**{name: value})
        return queryset.filter(first & condition) if first else queryset

    def _size(self, asked: str | None) -> int:
        if asked is None:
            return self.page_size
        if (
            asked.isascii()
            and asked.isdigit()
            and len(asked) < 6
            and 1 <= int(asked) <= MAX_PAGE_SIZE
        ):
            return int(asked)
        sentence = f"A page has 1 to {MAX_PAGE_SIZE} rows."
        raise QueryInvalid({"page_size": [sentence]})

    def _read(self, cursor: str | None) -> tuple[bool, list[Any] | None]:
        if cursor is None:
            return False, None
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            backwards, *position = json.loads(urlsafe_b64decode(padded))
        except (ValueError, TypeError, binascii.Error, RecursionError) as error:
            raise _bad_cursor() from error
        plain = all(type(value) in {str, int} and "\x00" not in str(value) for value in position)
        if backwards not in (0, 1) or len(position) != len(self.fields) or not plain:
            raise _bad_cursor()
        return bool(backwards), position

    def _link(self, row: Model, *, backwards: bool) -> str:
        position = [getattr(row, name) for name in self.fields]
        # Not Django's encoder, which cuts times to milliseconds and so would skip rows.
        text = json.dumps([int(backwards), *position], default=str, separators=(",", ":"))
        cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return replace_query_param(self.base_url, "cursor", cursor)

    def get_paginated_response(self, data: Any) -> Response:
        """The rows and the addresses of the pages beside them."""
        return Response(
            {
                "next": self._link(self.rows[-1], backwards=False) if self.has_next else None,
                "previous": self._link(self.rows[0], backwards=True) if self.has_previous else None,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """How a page looks in OpenAPI."""
        address = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": address | {"description": "The page after this one, or null."},
                "previous": address | {"description": "The page before this one, or null."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two query parameters."""
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": 50}
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Where the page starts; comes with `next` and `previous`.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows of a page.",
                "schema": size,
            },
        ]


def _value(model: type[Model], name: str, text: str | int) -> Any:
    try:
        field = model._meta.get_field(name)
        value = field.to_python(text) if isinstance(field, Field) else None
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise _bad_cursor() from error
    if isinstance(value, datetime) and is_naive(value):
        raise _bad_cursor()
    return value


def _bad_cursor() -> QueryInvalid:
    sentence = "This cursor cannot be read: start again without one."
    return QueryInvalid({"cursor": [sentence]}, code="invalid_cursor")
