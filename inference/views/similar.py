"""Confirmed lesions that look like one of a case's lesions."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from clinic.selectors import visible_lesions
from clinic.selectors.blindness import unblinded_cases
from clinic.views.gate import MemberRequest, for_members
from inference.answers import case_answers
from inference.selectors.similar import features_of, similar_confirmed


@for_members
@require_safe
def lesion_similar(request: MemberRequest, key: UUID, lesion: UUID) -> HttpResponse:
    """A fragment for the panel that shows the model's answer, or a page of its own.

    By the rule for the answer itself: 404 for whoever reads the case blind.
    """
    case = get_object_or_404(unblinded_cases(request.user), pk=key)
    lesions = visible_lesions(request.user).filter(images__case=case).distinct()
    found = get_object_or_404(lesions, pk=lesion)
    answer = case_answers(user=request.user, case=case).lesions.get(found.pk)
    image = answer.compared.prediction.image if answer and answer.compared else None
    context = {
        "case": case,
        "lesion": found,
        "similar": similar_confirmed(request.user, image) if image else [],
    }
    if not context["similar"]:
        context["compared"] = image is not None and features_of(request.user, image) is not None
    name = "similar" if request.htmx else "similar_page"
    response = render(request, f"inference/reading/{name}.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response
