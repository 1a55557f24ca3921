"""Training runs: the list, one as it goes on, starting, cancelling, trying again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Conflict, InvalidInput
from accounts.keyset import keyset_page
from clinic.selectors.datasets import visible_dataset_versions
from clinic.views.datasets.gate import for_administrators
from clinic.views.gate import MemberRequest
from inference.forms.training import TrainingForm
from inference.models import TrainingRun
from inference.selectors.training import visible_training_runs
from inference.services.operators import is_operator, require_operator
from inference.services.training import cancel_training, request_training, try_training_again
from inference.shown_training import shown_run

STOP_POLLING = 286


@require_safe
@for_administrators
def training_list(request: MemberRequest) -> HttpResponse:
    """Every run on a version that the person may see, the newest first."""
    page = keyset_page(
        visible_training_runs(request.user), order=["-created_at", "-id"], params=request.GET
    )
    context = {"page": page, "runs": [shown_run(run) for run in page.rows]}
    return render(request, "inference/training/list.html", context)


@require_safe
@never_cache
@for_administrators
def training_run(request: MemberRequest, key: UUID) -> HttpResponse:
    """One run. A script that asks gets what changes, until nothing changes any more."""
    run = _run(request, key)
    context = {"shown": shown_run(run), "run": run, "may_operate": is_operator(request.user)}
    if not request.htmx:
        return render(request, "inference/training/detail.html", context)
    # The buttons are drawn anew only when others are needed: one of them may have the focus.
    context["has_moved_on"] = request.GET.get("state") != run.state
    response = render(request, "inference/training/_live.html", context)
    if run.is_finished:
        response.status_code = STOP_POLLING
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def training_start(request: MemberRequest, key: UUID) -> HttpResponse:
    """Train on this frozen version."""
    versions = visible_dataset_versions(request.user).select_related("dataset")
    version = get_object_or_404(versions, pk=key)
    require_operator(request.user)
    form = TrainingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            run = request_training(version=version, actor=request.user, **form.asked())
        except InvalidInput as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("training-run", run.pk)
    context = {"form": form, "version": version}
    status = 422 if form.errors else 200
    return render(request, "inference/training/start.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def training_cancel(request: MemberRequest, key: UUID) -> HttpResponse:
    """Ask, then cancel."""
    run = _run(request, key)
    require_operator(request.user)
    if request.method == "POST":
        run = cancel_training(run=run, actor=request.user)
        return redirect("training-run", run.pk)
    if run.is_finished:
        return redirect("training-run", run.pk)
    context = {
        "title": "Cancel this training run",
        "sentence": f"{run} stops within seconds.",
        "consequences": [
            "What it has learned so far is thrown away, its images leave the training machine.",
            "It stays in the list as cancelled. It cannot be resumed; a new one can be started.",
        ],
        "action_label": "Cancel the run",
        "cancel_url": reverse("training-run", args=[run.pk]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@for_administrators
def training_again(request: MemberRequest, key: UUID) -> HttpResponse:
    """Queue a lost or failed run once more."""
    run = _run(request, key)
    try:
        try_training_again(run=run, actor=request.user)
    except (Conflict, InvalidInput) as refusal:
        messages.error(request, str(refusal))
    return redirect("training-run", run.pk)


def _run(request: MemberRequest, key: UUID) -> TrainingRun:
    return get_object_or_404(visible_training_runs(request.user), pk=key)
