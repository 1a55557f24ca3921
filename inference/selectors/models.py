"""Models in service. They belong to the installation, not to one organisation."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.selectors import visible_organisations
from inference.models import ModelState, ModelVersion

CLASSIFICATION = "lesion-classification"


def models_in_service() -> QuerySet[ModelVersion]:
    """Active and shadow models: both answer every new image."""
    return ModelVersion.objects.filter(state__in=[ModelState.ACTIVE, ModelState.SHADOW])


def visible_model_versions(user: User | AnonymousUser) -> QuerySet[ModelVersion]:
    """Every version, for whoever works in some organisation."""
    if not visible_organisations(user).exists():
        return ModelVersion.objects.none()
    return ModelVersion.objects.all()


def active_model(task: str = CLASSIFICATION) -> ModelVersion | None:
    """The model whose answers people see, or None."""
    return ModelVersion.objects.filter(task=task, state=ModelState.ACTIVE).first()


def last_in_service(task: str = CLASSIFICATION) -> ModelVersion | None:
    """The model in service; where there is none, the one that was activated last."""
    return active_model(task) or (
        ModelVersion.objects.filter(task=task, activated_at__isnull=False)
        .order_by("-activated_at")
        .first()
    )


def previously_active(version: ModelVersion) -> ModelVersion | None:
    """The model in service before `version`: of the others, the one that was activated last."""
    return (
        ModelVersion.objects.filter(
            task=version.task, activated_at__isnull=False, prepared_at__isnull=False
        )
        .exclude(pk=version.pk)
        .order_by("-activated_at")
        .first()
    )


def awaiting_preparation() -> QuerySet[ModelVersion]:
    """Models whose preparation was never reported: the message or its worker was lost."""
    long_enough = timezone.now() - timedelta(minutes=12)
    return ModelVersion.objects.filter(
        prepared_at__isnull=True, preparation_error="", created_at__lt=long_enough
    ).exclude(state=ModelState.RETIRED)
