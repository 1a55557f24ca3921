"""Models in service. They belong to the installation, not to one organisation."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

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
