"""A site: a hospital, a practice. Nothing of one is visible to another."""

import pghistory
from django.db import models

from accounts.models.record import Record


@pghistory.track(exclude=["last_case_number"])
class Organisation(Record):  # type: ignore[django-manager-missing]
    """A tenant. Every patient belongs to exactly one."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    is_active = models.BooleanField(default=True)
    last_case_number = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
