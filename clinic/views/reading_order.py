"""Which order of the worklist a reader reads in: the address says it, the session keeps it.

Kept when "Read next" is pressed, so that the case after a signature is the next of the same list.
Looking at a list changes nothing.
"""

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts.keyset import PARAMETER
from clinic.selectors import WorklistOrder

KEPT_AS = "worklist_order"
LABELS = {
    WorklistOrder.URGENT: "Most urgent",
    WorklistOrder.LEARNING: "Most to learn from",
}


def order_on_page(request: HttpRequest) -> WorklistOrder:
    """The order in the address, else the one that is read in."""
    return _order(request.GET.get("order")) or order_in_use(request)


def order_in_use(request: HttpRequest) -> WorklistOrder:
    """The order that "Read next" was last pressed in; most urgent first without any."""
    return _order(request.session.get(KEPT_AS)) or WorklistOrder.URGENT


def remember_order(request: HttpRequest) -> WorklistOrder:
    """Keep the order that was posted, where one was, and give the one that holds now."""
    posted = _order(request.POST.get("order"))
    if posted is not None and posted != order_in_use(request):
        request.session[KEPT_AS] = posted.value
    return posted or order_in_use(request)


def order_links(params: QueryDict, current: WorklistOrder) -> list[dict[str, object]]:
    """Each order as a link that keeps the filters and begins at the first page."""
    links: list[dict[str, object]] = []
    for order, label in LABELS.items():
        query = params.copy()
        query.pop(PARAMETER, None)
        query["order"] = order.value
        links.append(
            {
                "label": label,
                "url": f"{reverse('worklist')}?{query.urlencode()}",
                "is_current": order == current,
            }
        )
    return links


def _order(value: object) -> WorklistOrder | None:
    return next((order for order in WorklistOrder if order.value == value), None)
