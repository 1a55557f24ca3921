"""A data set: what it is to hold, and each time that was frozen."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


@pghistory.track()
class Dataset(Record):
    """A name, a purpose and a description (`clinic.datasets.Description` as JSON).

    The description can change; what was frozen from it cannot.
    """

    name = models.CharField(max_length=80)
    purpose = models.TextField(help_text="What it is for: who will use it, to answer what.")
    organisations = models.ManyToManyField("accounts.Organisation", related_name="datasets")
    description = models.JSONField(default=dict)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="dataset_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class VersionKind(models.TextChoices):
    """What a frozen version is for."""

    TRAINING = "training", "Training"
    SEALED = "sealed", "Sealed test set"


class DatasetVersion(Record):
    """What the record held when it was frozen; `created_at` is when. It never changes.

    `digest` is the SHA-256 (hexadecimal) of the manifest: the `header` line, then one line for each
    row. The same description on the same record has the same digest. `split_digest` is that of the
    lines `image<TAB>split`. `counts` and `left_out` are for people: rows by class, source, split
    and so on; images that were not taken, by reason.
    """

    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, null=True, blank=True, related_name="versions"
    )
    kind = models.CharField(max_length=8, choices=VersionKind, default=VersionKind.TRAINING)
    number = models.PositiveIntegerField(default=1)
    organisations = models.ManyToManyField("accounts.Organisation", related_name="dataset_versions")
    header = models.JSONField()
    seed = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    split_digest = models.CharField(max_length=64)
    taxonomy_version = models.CharField(max_length=20)
    image_count = models.PositiveIntegerField()
    lesion_count = models.PositiveIntegerField()
    patient_count = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    frozen_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "number"], name="dataset_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["dataset", "digest"], name="same_content_is_frozen_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="training", dataset__isnull=False)
                | Q(kind="sealed", dataset__isnull=True),
                name="only_a_sealed_version_has_no_dataset",
            ),
            models.CheckConstraint(
                condition=Q(image_count__gt=0), name="dataset_version_has_images"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_version_is_for_ever",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset} · version {self.number}" if self.dataset else "Sealed test set"


class DatasetRow(models.Model):
    """One image of a frozen version: the columns of `clinic.datasets.ManifestRow`, and which it is.

    Rows are written before their version, in the same transaction; nothing joins one that is there.
    """

    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="rows")
    source = models.ForeignKey(
        "clinic.LesionImage", on_delete=models.PROTECT, related_name="dataset_rows"
    )
    number = models.PositiveIntegerField()
    image = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    media_type = models.CharField(max_length=20)
    size_bytes = models.PositiveIntegerField()
    organisation = models.CharField(max_length=20)
    patient = models.CharField(max_length=20)
    lesion = models.CharField(max_length=20)
    visit = models.CharField(max_length=20)
    label = models.CharField(max_length=60)
    diagnosis = models.CharField(max_length=60)
    malignancy = models.CharField(max_length=14)
    label_source = models.CharField(max_length=12)
    confirmation = models.CharField(max_length=10, blank=True)
    readers = models.PositiveSmallIntegerField()
    agreement = models.FloatField()
    model_shown = models.BooleanField()
    sex = models.CharField(max_length=10)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    body_site = models.CharField(max_length=20)
    skin_type = models.PositiveSmallIntegerField(null=True, blank=True)
    image_kind = models.CharField(max_length=12)
    split = models.CharField(max_length=10)
    consent = models.CharField(max_length=10)

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="dataset_row_number_once"),
            models.UniqueConstraint(fields=["version", "source"], name="image_once_in_a_version"),
            models.CheckConstraint(
                condition=Q(agreement__range=(0, 1)), name="agreement_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(split__in=["train", "validation", "test"]), name="split_is_known"
            ),
            models.CheckConstraint(
                condition=Q(consent__in=["training", "sharing"]), name="dataset_row_has_consent"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_row_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="row_joins_no_frozen_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (SELECT 1 FROM clinic_datasetversion WHERE id = NEW.version_id) THEN
                        RAISE EXCEPTION 'pgtrigger: row_joins_no_frozen_version';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.image}"


class DatasetTombstone(models.Model):
    """A row that no later export may hold: its patient withdrew the consent it was frozen under."""

    row = models.OneToOneField(
        DatasetRow, on_delete=models.PROTECT, primary_key=True, related_name="tombstone"
    )
    withdrawn_on = models.DateField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="tombstone_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.row_id} withdrawn on {self.withdrawn_on}"
