"""The model's answers to one case: what has changed, one saliency map, asking again."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_POST, require_safe

from clinic.selectors import visible_cases, visible_images
from clinic.services import log_access
from clinic.views.gate import MemberRequest, for_members
from inference.overlay import render_saliency
from inference.screen import changed, load_answers
from inference.selectors import visible_predictions
from inference.services import retry_prediction

# htmx stops polling when it is answered with this.
STOP_POLLING = 286
KEPT_SECONDS = 60 * 60


@for_members
@require_safe
def case_answers(request: MemberRequest, key: UUID) -> HttpResponse:
    """The images that changed since the page was drawn, each to be put in its own place.

    Everything else on the page, with its focus and its switches, stays untouched.
    """
    case = get_object_or_404(visible_cases(request.user), pk=key)
    if not request.htmx:
        return redirect(reverse("case-detail", args=[case.pk]))
    answers = load_answers(user=request.user, case=case)
    known = set(request.GET.getlist("waiting"))
    images = visible_images(request.user).filter(case=case).select_related("lesion")
    progress = answers.progress()
    context = {"rows": changed(answers, images, known), "progress": progress, "case": case}
    response = render(request, "inference/changes.html", context)
    response.status_code = 200 if progress.pending else STOP_POLLING
    patch_cache_control(response, private=True, no_store=True)
    return response


@for_members
@require_safe
def saliency(request: MemberRequest, key: UUID) -> HttpResponse:
    """The map as a transparent PNG for the centre square of the picture. The look is logged."""
    predictions = visible_predictions(request.user).select_related("image__case")
    prediction = get_object_or_404(predictions.exclude(saliency=None), pk=key)
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR") or None
        log_access(user=request.user, image=prediction.image, action="saliency", address=address)
    etag = quote_etag(f"{prediction.pk}-{prediction.finished_at:%Y%m%d%H%M%S%f}")
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(
            render_saliency(bytes(prediction.saliency or b"")), content_type="image/png"
        )
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return response


@for_members
@require_POST
def retry(request: MemberRequest, key: UUID) -> HttpResponse:
    """Ask for one failed answer again; the page gets the image as it waits."""
    predictions = visible_predictions(request.user).select_related(
        "image__case", "image__lesion", "model_version"
    )
    prediction = get_object_or_404(predictions, pk=key)
    retry_prediction(prediction=prediction, actor=request.user)
    case = prediction.image.case
    if not request.htmx:
        return redirect(reverse("case-detail", args=[case.pk]))
    answers = load_answers(user=request.user, case=case)
    context = {
        "shown": answers.shown(prediction.image),
        "progress": answers.progress(),
        "case": case,
    }
    return render(request, "inference/retried.html", context)
