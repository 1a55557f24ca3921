"""A form posted twice makes one row, because it carries the row's key."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from accounts.errors import Conflict

Row = TypeVar("Row", bound=models.Model)


def made_before(model: type[Row], key: UUID, **belongs_to: Any) -> Row | None:
    """The row that an earlier post of the same form made, or None.

    Raises Conflict when the key belongs to something else, without saying what.
    """
    row = model._default_manager.filter(pk=key).first()
    if row is None:
        return None
    if any(getattr(row, name) != value for name, value in belongs_to.items()):
        msg = "This form has expired. Open it again and repeat your entry."
        raise Conflict(msg, code="form_expired")
    return row
