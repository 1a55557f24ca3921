"""A version's training runs, for the page of a data set that need not know who trains.

{% load training %}
{% training_of_version version as training %}   runs, may_operate
"""

from dataclasses import dataclass

from django import template
from django.template.context import RequestContext

from accounts.models import User
from clinic.models import DatasetVersion
from inference.selectors.training import visible_training_runs
from inference.services.operators import is_operator
from inference.shown_training import ShownRun, shown_run

register = template.Library()

MOST_SHOWN = 20


@dataclass(frozen=True)
class TrainingOfVersion:
    """What stands on the version's page."""

    runs: list[ShownRun]
    may_operate: bool


@register.simple_tag(takes_context=True)
def training_of_version(context: RequestContext, version: DatasetVersion) -> TrainingOfVersion:
    """The newest runs, and whether the person may start another."""
    user = context["request"].user
    assert isinstance(user, User)  # noqa: S101  # the page needs a sign-in
    runs = visible_training_runs(user).filter(dataset_version=version)[:MOST_SHOWN]
    return TrainingOfVersion([shown_run(run) for run in runs], is_operator(user))
