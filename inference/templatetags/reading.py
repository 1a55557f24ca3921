"""The model's opinion in the reading room; the clinic's pages need not know who answers.

{% load reading %}
{% model_answers case as answers %}  what this person may see of it, once a page
{% look_up_risks page.rows %}        above a list: which of its cases may show `{% risk case %}`
{% risk case %}                      icon, word, per cent; "After your read" for a blind reader
{% why_no_answer case as why %}      icon and sentence where a lesion has no answer
{% model_verdict case lesion %}      the model beside what the lesion turned out to be
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext

from accounts.models import User
from clinic.models import Case, Lesion
from clinic.selectors.blindness import may_see_model, unblinded_cases
from inference.answers import CaseAnswers, case_answers
from inference.lesion_answers import ImageAnswer, LesionAnswer
from inference.probabilities import operating_point
from inference.selectors import active_model
from inference.selectors.verdicts import Verdict, model_verdicts

register = template.Library()


class Why(NamedTuple):
    """Why nothing is shown of the model."""

    icon: str
    sentence: str


WITHHELD = Why(
    "bi-eye-slash", "The model's answer is shown once your own reading of this case is committed."
)
NOT_ASKED = Why("bi-dash-circle", "No model looked at these images.")
NO_MODEL = Why(
    "bi-dash-circle", "No model is in service. The images are answered as soon as there is one."
)


@register.simple_tag(takes_context=True)
def model_answers(context: RequestContext, case: Case) -> CaseAnswers:
    """Load a case's answers once a page: `{% model_answers case as answers %}`."""
    user = context["request"].user
    if not isinstance(user, User):
        return CaseAnswers({}, {})
    return case_answers(user=user, case=case)


@register.filter
def for_image(answers: object, key: UUID) -> ImageAnswer | None:
    """`{% with answer=answers|for_image:image.pk %}`; None on a page that loaded no answers."""
    return answers.images.get(key) if isinstance(answers, CaseAnswers) else None


@register.filter
def for_lesion(answers: object, key: UUID) -> LesionAnswer | None:
    """`{% with answer=answers|for_lesion:lesion.pk %}`; None on a page that loaded no answers."""
    return answers.lesions.get(key) if isinstance(answers, CaseAnswers) else None


@register.simple_tag(takes_context=True)
def why_no_answer(context: RequestContext, case: Case) -> Why:
    """Say why a lesion has no answer; two queries a page at most."""
    if not _may_see(context["request"], case):
        return WITHHELD
    return NOT_ASKED if _service(context["request"]).has_model else NO_MODEL


@register.simple_tag(takes_context=True)
def look_up_risks(context: RequestContext, cases: Iterable[Case]) -> str:
    """Ask once for a whole list what `risk` would otherwise ask row by row."""
    request = context["request"]
    keys = [case.pk for case in cases]
    seen = set(
        unblinded_cases(request.user).filter(pk__in=keys).order_by().values_list("pk", flat=True)
    )
    _known(request).update({key: key in seen for key in keys})
    return ""


@register.inclusion_tag("inference/reading/risk.html", takes_context=True)
def risk(context: RequestContext, case: Case) -> dict[str, Any]:
    """Say how suspicious a case is. One query a page for the threshold."""
    request = context["request"]
    if not _may_see(request, case):
        return {"is_withheld": True}
    malignancy, threshold = case.malignancy, _service(request).operating_point
    return {
        "malignancy": malignancy,
        "is_suspicious": malignancy is not None
        and threshold is not None
        and malignancy >= threshold,
        "has_threshold": threshold is not None,
    }


@register.inclusion_tag("inference/reading/verdict.html", takes_context=True)
def model_verdict(context: RequestContext, case: Case, lesion: Lesion) -> dict[str, Any]:
    """Say whether the model was right on a lesion with a result; nothing where it has none."""
    request = context["request"]
    found: dict[UUID, dict[UUID, Verdict]] = request.__dict__.setdefault("_verdicts_of_cases", {})
    if case.pk not in found:
        found[case.pk] = model_verdicts(request.user, case)
    return {"verdict": found[case.pk].get(lesion.pk)}


class _Service(NamedTuple):
    has_model: bool
    operating_point: float | None


def _service(request: HttpRequest) -> _Service:
    """The model in service, asked for once a page."""
    known: _Service | None = request.__dict__.get("_model_in_service")
    if known is None:
        version = active_model()
        known = _Service(version is not None, operating_point(version))
        request.__dict__["_model_in_service"] = known
    return known


def _may_see(request: HttpRequest, case: Case) -> bool:
    known = _known(request)
    if case.pk not in known:
        known[case.pk] = may_see_model(request.user, case)
    return known[case.pk]


def _known(request: HttpRequest) -> dict[UUID, bool]:
    """Which cases show the model's opinion to this person, as far as this page has asked."""
    known: dict[UUID, bool] = request.__dict__.setdefault("_model_may_be_seen", {})
    return known
