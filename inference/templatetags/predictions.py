"""The model's answers on the clinic's pages, which need not know who answers.

{% load predictions %}
{% case_answers case %}   once, above the images: how far the case is; asks again every 2 s
{% image_answer image %}  the picture with its saliency map, beside the answer or its state
"""

from typing import Any

from django import template
from django.template.context import RequestContext

from accounts.models import User
from clinic.models import Case, LesionImage
from inference.screen import AnswersOfCase, load_answers

register = template.Library()


@register.inclusion_tag("inference/case_answers.html", takes_context=True)
def case_answers(context: RequestContext, case: Case) -> dict[str, Any]:
    """The line above the images, and what asks for changes while an answer is awaited."""
    progress = _answers(context, case).progress()
    return {"case": case, "progress": progress, "is_pending": bool(progress.pending)}


@register.inclusion_tag("inference/image_answer.html", takes_context=True)
def image_answer(context: RequestContext, image: LesionImage) -> dict[str, Any]:
    """One image and its answer. `image.case` should be loaded, or be the page's case."""
    return {"shown": _answers(context, image.case).shown(image)}


def _answers(context: RequestContext, case: Case) -> AnswersOfCase:
    """Load each case's answers once a page."""
    request = context["request"]
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # the pages that show answers need a sign-in
    loaded: dict[Any, AnswersOfCase] = request.__dict__.setdefault("_answers_of_cases", {})
    if case.pk not in loaded:
        loaded[case.pk] = load_answers(user=user, case=case)
    return loaded[case.pk]
