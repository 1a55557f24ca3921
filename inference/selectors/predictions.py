"""Predictions that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from clinic.selectors.blindness import unblinded_cases
from inference.models import ModelState, Prediction


def visible_predictions(user: User | AnonymousUser) -> QuerySet[Prediction]:
    """Answers to the images of the person's organisations, except those of shadow models.

    Whoever reads an open case blind sees none of its answers, nor whether there are any: pages,
    saliency maps, API and whatever else shows the model's opinion begin here.
    """
    return Prediction.objects.filter(image__case__in=unblinded_cases(user).order_by()).exclude(
        model_version__state=ModelState.SHADOW
    )
