"""Which case the next model would learn most from."""

from django.db import models
from django.db.models import Q


class PickReason(models.TextChoices):
    """Why a case was picked. Never shown to a reader before the commit: it hints at the model."""

    UNCERTAIN = "uncertain", "The model is unsure"
    DIFFERENT = "different", "Unlike what was labelled"
    DISAGREEMENT = "disagreement", "Near where reader and model disagreed"
    SCARCE = "scarce", "Of a scarce subgroup"
    AUDIT = "audit", "Drawn at random, for the audit"
    RANDOM = "random", "Drawn at random"


class AnnotationPick(models.Model):
    """One case in the order of learning: rank 1 first. A new round replaces what was not read."""

    case = models.OneToOneField(
        "clinic.Case", on_delete=models.CASCADE, primary_key=True, related_name="annotation_pick"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    rank = models.PositiveIntegerField()
    reason = models.CharField(max_length=12, choices=PickReason)
    round = models.PositiveIntegerField(default=1)
    picked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["organisation", "rank"]
        constraints = [
            models.CheckConstraint(condition=Q(rank__gte=1), name="picks_count_from_one"),
            models.CheckConstraint(
                condition=Q(reason__in=PickReason.values), name="pick_reason_is_known"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "rank"], name="pick_order")]

    def __str__(self) -> str:
        return f"{self.rank} {self.case_id}"
