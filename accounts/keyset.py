"""Keyset paging for screens: each page is one index range, however far one has paged.

Offsets skip and repeat rows while others write, and slow down with depth. A keyset page starts
after (or before) a row's own values. The order must be total: end it in the primary key.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
PARAMETER = "page"


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """Rows in order, and the addresses (query strings) of their neighbours or None."""

    rows: list[Row]
    newer_url: str | None
    older_url: str | None


def keyset_page(
    queryset: QuerySet[Row], *, order: Sequence[str], params: QueryDict, size: int = 25
) -> KeysetPage[Row]:
    """One page of `queryset` by `order` (field names, "-" for descending, the last one unique).

    No field may be null. `params` is `request.GET`: its filters are kept in the addresses. A
    cursor that cannot be read gives the first page.
    """
    backwards, values = _read(params.get(PARAMETER, ""), order)
    effective = [_opposite(name) for name in order] if backwards else list(order)
    if values is not None:
        try:
            queryset = queryset.filter(rows_after(effective, values))
        except (ValidationError, ValueError, TypeError):
            backwards, values, effective = False, None, list(order)
    rows = list(queryset.order_by(*effective)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_newer = more if backwards else values is not None
    has_older = True if backwards else more
    return KeysetPage(
        rows=rows,
        newer_url=_url(params, order, rows[0], before=True) if rows and has_newer else None,
        older_url=_url(params, order, rows[-1], before=False) if rows and has_older else None,
    )


def rows_after(order: Sequence[str], values: Mapping[str, Any]) -> Q:
    """Rows behind `values` in lexicographic order: a > x, or a = x and b > y, and so on."""
    condition, equal_so_far = Q(), Q()
    for name in order:
        field = name.removeprefix("-")
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= equal_so_far & Q(**{f"{field}__{comparison}": values[field]})
        equal_so_far &= Q(**{field: values[field]})
    return condition


def _opposite(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _url(params: QueryDict, order: Sequence[str], row: Model, *, before: bool) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    # Not Django's encoder, which cuts times to milliseconds: rows would be skipped or repeated.
    cursor = json.dumps([int(before), *values], default=str, separators=(",", ":"))
    query = params.copy()
    query[PARAMETER] = urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    return f"?{query.urlencode()}"


def _read(cursor: str, order: Sequence[str]) -> tuple[bool, dict[str, Any] | None]:
    if not cursor:
        return False, None
    try:
        before, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        return False, None
    if len(values) != len(order) or not all(isinstance(v, str | int | float) for v in values):
        return False, None
    fields = [name.removeprefix("-") for name in order]
    return bool(before), dict(zip(fields, values, strict=True))
