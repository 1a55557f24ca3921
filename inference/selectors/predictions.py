"""Predictions that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User
from clinic.selectors.blindness import unblinded_cases
from inference.models import ModelState, Prediction


def was_ever_shown() -> Q:
    """Answers of the model in service and of those that were in service before.

    A candidate's and a shadow's are unseen, and stay so when it is retired without having been in
    service: they were made to compare models, and nobody has answered for them.
    """
    return Q(model_version__state=ModelState.ACTIVE) | Q(
        model_version__state=ModelState.RETIRED, model_version__activated_at__isnull=False
    )


def unblinded_predictions(user: User | AnonymousUser) -> QuerySet[Prediction]:
    """Every model's answers to the images of cases on which this person may see a model's."""
    return Prediction.objects.filter(image__case__in=unblinded_cases(user).order_by())


def visible_predictions(user: User | AnonymousUser) -> QuerySet[Prediction]:
    """Answers to the images of the person's organisations, except those that nobody is shown.

    Whoever reads an open case blind sees none of its answers, nor whether there are any: pages,
    saliency maps, API and whatever else shows the model's opinion begin here.
    """
    return unblinded_predictions(user).filter(was_ever_shown())
