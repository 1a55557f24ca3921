"""A region that a reader drew on an image."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.record import Record
from clinic.models.reading import nothing_joins_what_is_signed


class Annotation(Record):
    """One version of one annotation. Rows are only ever added.

    `key` is the annotation's own, `version` counts from 1; the highest one counts, and a tombstone
    (`is_deleted`) takes it away. `target` is the selector of a W3C Web Annotation in pixels of the
    upright original; `points` is the same outline as the server understood it:
    [[x, y], ...] of a closed polygon. `stage` is the state of the reading when it was drawn.
    """

    key = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1)
    image = models.ForeignKey(
        "clinic.LesionImage", on_delete=models.PROTECT, related_name="annotations"
    )
    reading = models.ForeignKey(
        "clinic.Reading", on_delete=models.PROTECT, related_name="annotations"
    )
    creator = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    target = models.JSONField(default=dict, blank=True)
    points = models.JSONField(default=list, blank=True)
    stage = models.CharField(max_length=12)
    is_deleted = models.BooleanField(default=False)

    class Meta:
        ordering = ["image", "key", "version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="annotation_version_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="annotation_versions_count_from_one"
            ),
            models.CheckConstraint(
                condition=Q(is_deleted=True) | (~Q(target={}) & ~Q(label="")),
                name="annotation_has_a_region_and_a_label",
            ),
        ]
        indexes = [
            models.Index(fields=["image", "key", "-version"], name="annotation_newest"),
            models.Index(fields=["reading"], name="annotation_by_reading"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="annotation_versions_only_append",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            nothing_joins_what_is_signed("annotation_joins_no_signed_reading"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.version}"
