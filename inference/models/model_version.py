"""An immutable model package in service."""

import uuid

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class ModelState(models.TextChoices):
    """Candidate answers nobody; shadow answers unseen; active answers people."""

    CANDIDATE = "candidate", "Candidate"
    SHADOW = "shadow", "Shadow"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


def package_key(version: "ModelVersion", filename: str) -> str:
    """An unguessable private key; the digest ties it to its row."""
    return f"packages/{uuid.uuid4().hex}/{filename.rsplit('/', 1)[-1]}"


@pghistory.track()
class ModelVersion(Record):
    """What a package says about itself, and where it stands. The package itself never changes."""

    task = models.CharField(max_length=40, default="lesion-classification")
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    architecture = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    classes = models.JSONField(help_text="In the order of the network's outputs.")
    preprocessing = models.JSONField()
    calibration = models.JSONField(default=dict)
    operating_points = models.JSONField(default=list)
    plausible_coverage = models.FloatField(
        null=True,
        blank=True,
        help_text="In which share of images the true class is among those not ruled out.",
    )
    metrics = models.JSONField(default=dict)
    training = models.JSONField(default=dict)
    reference = models.JSONField(
        default=dict, blank=True, help_text="What it learned from, as histograms; {} if not known."
    )
    licence = models.CharField(max_length=200, blank=True)
    card = models.TextField(help_text="For people, in Markdown.")
    package = models.FileField(upload_to=package_key, max_length=160)
    onnx = models.FileField(upload_to=package_key, max_length=160, blank=True)
    onnx_sha256 = models.CharField(max_length=64, blank=True)
    agreement = models.FloatField(
        null=True, blank=True, help_text="Largest difference of a class probability, ONNX to torch."
    )
    prepared_at = models.DateTimeField(null=True, blank=True)
    preparation_error = models.CharField(max_length=500, blank=True)
    override_reason = models.TextField(
        blank=True,
        help_text="Why it was put into service although no comparison showed it to be no worse.",
    )
    state = models.CharField(max_length=10, choices=ModelState, default=ModelState.CANDIDATE)
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    installed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["-created_at"]
        permissions = [("operate_models", "Can install, activate and retire models")]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="active"), name="one_active_model_per_task"
            ),
            models.UniqueConstraint(
                fields=["task", "name", "version"], name="model_version_unique_in_task"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ModelState.values), name="model_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["candidate", "retired"]) | Q(prepared_at__isnull=False),
                name="model_in_service_is_prepared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
