"""The page of a model that answers unseen."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.views.gate import MemberRequest
from inference.models import ModelState
from inference.selectors import active_model
from inference.selectors.shadow import WEEKS, beside_the_active, unseen_models
from inference.views.operators import for_operators


@never_cache
@require_safe
@for_operators
def shadow(request: MemberRequest, key: UUID) -> HttpResponse:
    """The unseen model beside the one in service, week by week."""
    version = get_object_or_404(unseen_models(request.user), pk=key)
    active = active_model(version.task)
    context = {
        "version": version,
        "active": active,
        "is_shadow": version.state == ModelState.SHADOW,
        "found": beside_the_active(version, active) if active is not None else None,
        "weeks": WEEKS,
    }
    return render(request, "inference/shadow/page.html", context)
