"""The worklist: what waits to be read, most urgent or most to learn from first."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.keyset import PARAMETER, keyset_page
from clinic.forms.reads import WorklistFilter
from clinic.models import Case, Priority
from clinic.selectors import (
    WorklistOrder,
    count_by_priority,
    filter_worklist,
    next_to_read,
    reading_policy,
    visible_cases,
    with_learning_rank,
    with_pictures,
    worklist,
    worklist_order,
)
from clinic.selectors.desks import case_ahead, first_images, with_own_turn
from clinic.services import assign_next, release_case
from clinic.views.gate import MemberRequest
from clinic.views.readers import for_readers
from clinic.views.reading_order import order_in_use, order_links, order_on_page, remember_order

PAGE_SIZE = 25
IMAGES_AHEAD = 4


@require_safe
@for_readers
def worklist_page(request: MemberRequest) -> HttpResponse:
    """One page of cases that wait, with filters and counts by priority."""
    form = WorklistFilter(request.GET or None)
    chosen = form.chosen() if form.is_bound else {}
    waiting = worklist(request.user, request.organisation)
    but_priority = {name: value for name, value in chosen.items() if name != "priority"}
    counts = count_by_priority(filter_worklist(waiting, **but_priority))
    by = order_on_page(request)
    rows = with_own_turn(with_pictures(filter_worklist(waiting, **chosen)), request.user)
    page = keyset_page(
        with_learning_rank(rows) if by == WorklistOrder.LEARNING else rows,
        order=worklist_order(request.organisation, by),
        params=request.GET,
        size=PAGE_SIZE,
    )
    priority = chosen.get("priority")
    context = {
        "form": form,
        "page": page,
        "priorities": _priority_links(request.GET, counts, priority),
        "order": by.value,
        "clear_url": f"{reverse('worklist')}?order={by.value}" if chosen else "",
        "orders": order_links(request.GET, by),
        "is_filtered": bool(chosen),
        # The model's word stands in the list only where it may colour a reader.
        "shows_model": not reading_policy(request.organisation.pk).blind,
        "count": sum(counts.values()) if priority is None else counts.get(priority, 0),
    }
    return render(request, "clinic/reading/worklist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def worklist_next(request: MemberRequest) -> HttpResponse:
    """Put the first case on the desk and open it; the worklist when none is left.

    `order` is that of the list that was looked at, and is kept for the cases after it. `after`
    gives that case back first and goes on behind it. Looking at the address takes nothing.
    """
    if request.method != "POST":
        return redirect("worklist")
    user, organisation = request.user, request.organisation
    after = _named(request.POST.get("after", ""), request)
    by = remember_order(request)
    if after is not None:
        release_case(case=after, reader=user)
    reading = assign_next(reader=user, organisation=organisation, after=after, by=by)
    if reading is not None:
        return redirect("case-review", key=reading.case_id)
    if after is not None and next_to_read(user, organisation) is not None:
        messages.info(request, "That was the last case of the list. These still wait.")
    return redirect("worklist")


@never_cache
@require_safe
@for_readers
def worklist_ahead(request: MemberRequest) -> HttpResponse:
    """What a signature under `?after=` would open next, so that its pictures can be fetched.

    Nothing is assigned: it may be another case by then.
    """
    after = _named(request.GET.get("after", ""), request)
    case = case_ahead(request.user, request.organisation, after=after, by=order_in_use(request))
    if case is None:
        return JsonResponse({"url": None, "images": []})
    images = first_images(request.user, case, count=IMAGES_AHEAD)
    return JsonResponse(
        {
            "url": reverse("case-review", args=[case.pk]),
            "images": [reverse("image-screen", args=[image.pk]) for image in images],
            "thumbnails": [reverse("image-thumbnail", args=[image.pk]) for image in images],
        }
    )


def _named(key: str, request: MemberRequest) -> Case | None:
    """A submitted case by its key; what is no key counts as not given."""
    with suppress(ValidationError):
        if key:
            cases = visible_cases(request.user).select_related("organisation")
            return cases.filter(pk=key, submitted_at__isnull=False).first()
    return None


def _priority_links(
    params: QueryDict, counts: dict[int, int], chosen: int | None
) -> list[dict[str, object]]:
    """The counts as links that filter: all, then the most urgent first."""
    choices: list[tuple[str, int | None, int]] = [("All", None, sum(counts.values()))]
    choices += [
        (priority.label, priority.value, counts.get(priority.value, 0))
        for priority in sorted(Priority, reverse=True)
    ]
    links: list[dict[str, object]] = []
    for label, value, count in choices:
        query = params.copy()
        query.pop(PARAMETER, None)
        query.pop("priority", None)
        if value is not None:
            query["priority"] = str(value)
        links.append(
            {
                "label": label,
                "count": count,
                "url": f"{reverse('worklist')}?{query.urlencode()}".rstrip("?"),
                "is_current": value == chosen,
            }
        )
    return links
