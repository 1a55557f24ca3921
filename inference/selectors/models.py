"""Models in service. They belong to the installation, not to one organisation."""

from django.db.models import QuerySet

from inference.models import ModelState, ModelVersion

CLASSIFICATION = "lesion-classification"


def models_in_service() -> QuerySet[ModelVersion]:
    """Active and shadow models: both answer every new image."""
    return ModelVersion.objects.filter(state__in=[ModelState.ACTIVE, ModelState.SHADOW])


def active_model(task: str = CLASSIFICATION) -> ModelVersion | None:
    """The model whose answers people see, or None."""
    return ModelVersion.objects.filter(task=task, state=ModelState.ACTIVE).first()
