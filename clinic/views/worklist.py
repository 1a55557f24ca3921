"""The worklist: what waits to be read, most urgent first."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.keyset import PARAMETER, keyset_page
from clinic.forms.reads import WorklistFilter
from clinic.models import Priority
from clinic.selectors import (
    count_by_priority,
    filter_worklist,
    next_to_read,
    visible_cases,
    with_pictures,
    worklist,
    worklist_order,
)
from clinic.views.gate import MemberRequest
from clinic.views.readers import for_readers

PAGE_SIZE = 25


@require_safe
@for_readers
def worklist_page(request: MemberRequest) -> HttpResponse:
    """One page of cases that wait, with filters and counts by priority."""
    form = WorklistFilter(request.GET or None)
    chosen = form.chosen() if form.is_bound else {}
    waiting = worklist(request.user, request.organisation)
    but_priority = {name: value for name, value in chosen.items() if name != "priority"}
    counts = count_by_priority(filter_worklist(waiting, **but_priority))
    page = keyset_page(
        with_pictures(filter_worklist(waiting, **chosen)),
        order=worklist_order(request.organisation),
        params=request.GET,
        size=PAGE_SIZE,
    )
    priority = chosen.get("priority")
    context = {
        "form": form,
        "page": page,
        "priorities": _priority_links(request.GET, counts, priority),
        "is_filtered": bool(chosen),
        "count": sum(counts.values()) if priority is None else counts.get(priority, 0),
    }
    return render(request, "clinic/reading/worklist.html", context)


@require_safe
@for_readers
def worklist_next(request: MemberRequest) -> HttpResponse:
    """Open the most urgent case, or the one behind `?after=`; the worklist when none is left."""
    user, organisation = request.user, request.organisation
    after = None
    if key := request.GET.get("after", ""):
        with suppress(ValidationError):  # not a key: as if it had not been given
            after = visible_cases(user).filter(pk=key, submitted_at__isnull=False).first()
    case = next_to_read(user, organisation, after=after)
    if case is not None:
        return redirect("case-review", key=case.pk)
    if after is not None and next_to_read(user, organisation) is not None:
        messages.info(request, "That was the last case of the list. These still wait.")
    return redirect("worklist")


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
