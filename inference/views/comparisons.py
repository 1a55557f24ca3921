"""A candidate beside the model in service, as a page that people can read."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.views.gate import MemberRequest
from inference.models import Comparison, ComparisonState
from inference.selectors import active_model
from inference.selectors.comparisons import progress_of, visible_comparisons
from inference.selectors.differing_images import DifferingImage, differing_images
from inference.views.comparison_tables import (
    CONSEQUENCES,
    SOURCES,
    class_names,
    consequences,
    group_rows,
    measure_rows,
    recall_rows,
)
from inference.views.operators import for_operators
from inference.views.roc_drawing import curves_of


@never_cache
@require_safe
@for_operators
def comparison(request: MemberRequest, key: UUID) -> HttpResponse:
    """The verdict, what it stands on, and the images on which the two differ.

    While answers are awaited the page asks for its body every two seconds.
    """
    found = get_object_or_404(visible_comparisons(request.user), pk=key)
    context: dict[str, Any] = {"comparison": found}
    if found.state == ComparisonState.ANSWERING:
        context["progress"] = progress_of(found)
    elif found.state == ComparisonState.FINISHED:
        context |= _report(request, found)
    name = "_body" if request.htmx else "page"
    return render(request, f"inference/comparisons/{name}.html", context)


def _report(request: MemberRequest, found: Comparison) -> dict[str, Any]:
    names = class_names(found)
    measures, scale = measure_rows(found)
    recalls, recall_scale = recall_rows(found, names)
    active = active_model(found.candidate.task)
    return {
        "report": found.report,
        "measures": measures,
        "scale": scale,
        "recalls": recalls,
        "recall_scale": recall_scale,
        "groups": group_rows(found),
        "curves": curves_of(found.report["roc"]),
        "consequences": consequences(found),
        "differing": [_case(image, names) for image in differing_images(request.user, found)],
        "is_of_today": active is not None and active.pk == found.champion_id,
    }


def _case(differing: DifferingImage, names: dict[str, str]) -> dict[str, Any]:
    icon, word, meaning = CONSEQUENCES[differing.consequence]
    answers = [
        {**answer, "name": names.get(answer["called"], answer["called"])} if answer else None
        for answer in (differing.candidate, differing.champion)
    ]
    return {
        "row": differing.row,
        "image": differing.image,
        "case": differing.case,
        "icon": icon,
        "word": word,
        "meaning": meaning,
        "truth": names.get(differing.row.label, differing.row.label),
        "source": SOURCES.get(differing.row.label_source, differing.row.label_source),
        "candidate": answers[0],
        "champion": answers[1],
    }
