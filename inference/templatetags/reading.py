"""The model's opinion in the reading room; the clinic's pages need not know who answers."""

from typing import Any
from uuid import UUID

from django import template
from django.template.context import RequestContext

from accounts.models import User
from clinic.models import Case
from inference.answers import CaseAnswers, ImageAnswer, LesionAnswer, case_answers, operating_point
from inference.selectors import active_model

register = template.Library()


@register.simple_tag(takes_context=True)
def model_answers(context: RequestContext, case: Case) -> CaseAnswers:
    """Load a case's answers once a page: `{% model_answers case as answers %}`."""
    user = context["request"].user
    if not isinstance(user, User):
        return CaseAnswers({}, {})
    return case_answers(user=user, case=case)


@register.filter
def for_image(answers: CaseAnswers, key: UUID) -> ImageAnswer | None:
    """`{% with answer=answers|for_image:image.pk %}`."""
    return answers.images.get(key)


@register.filter
def for_lesion(answers: CaseAnswers, key: UUID) -> LesionAnswer | None:
    """`{% with answer=answers|for_lesion:lesion.pk %}`."""
    return answers.lesions.get(key)


@register.inclusion_tag("inference/reading/risk.html", takes_context=True)
def risk(context: RequestContext, malignancy: float | None) -> dict[str, Any]:
    """Say how suspicious a case is: icon, word and per cent. One query a page for the threshold."""
    request = context["request"]
    if not hasattr(request, "operating_point"):  # the rows of a list ask once
        request.operating_point = operating_point(active_model())
    threshold: float | None = request.operating_point
    return {
        "malignancy": malignancy,
        "is_suspicious": malignancy is not None
        and threshold is not None
        and malignancy >= threshold,
        "has_threshold": threshold is not None,
    }
