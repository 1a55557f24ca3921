"""What every row of the record has."""

import uuid

from django.db import models


class Record(models.Model):
    """A row with an unguessable key and the time it was made.

    The key may be chosen by whoever creates the row: a form posted twice carries the same one
    and makes one row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=False)

    class Meta:
        abstract = True
