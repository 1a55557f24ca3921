"""Predictions that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from inference.models import ModelState, Prediction


def visible_predictions(user: User | AnonymousUser) -> QuerySet[Prediction]:
    """Answers to the images of the person's organisations, except those of shadow models."""
    return Prediction.objects.filter(
        image__case__organisation__in=visible_organisations(user)
    ).exclude(model_version__state=ModelState.SHADOW)
