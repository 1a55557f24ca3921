"""How the model's service stands, for pages of the clinic that need not know who answers.

{% load service %}
{% service_state organisation as service %}   model, waiting, running, failed, oldest
{% history_with_answers history case as entries %}   the case's history with the answers in it
"""

from collections.abc import Iterable

from django import template
from django.template.context import RequestContext

from accounts.models import Organisation
from clinic.models import Case
from clinic.selectors.case_history import HistoryEntry
from inference.selectors import service

register = template.Library()


@register.simple_tag(takes_context=True)
def service_state(context: RequestContext, organisation: Organisation) -> service.ServiceState:
    """What an administrator looks at first."""
    return service.service_state(context["request"].user, organisation)


@register.simple_tag(takes_context=True)
def history_with_answers(
    context: RequestContext, history: Iterable[HistoryEntry], case: Case
) -> list[HistoryEntry]:
    """The clinic's entries and one for each model that answered, oldest first."""
    answered = [
        HistoryEntry(
            at=row.at,
            what=f"Answered by {row.model}",
            who=None,
            detail=f"{row.images} image{'' if row.images == 1 else 's'}",
        )
        for row in service.case_answered(context["request"].user, case)
    ]
    return sorted([*history, *answered], key=lambda entry: entry.at)
