"""How many requests one account may make in a while."""

import logging
import time
from math import ceil
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # the framework imports this module while it loads its views
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def address_of(request: Any) -> str:
    """The sender's network address, behind as many proxies as the framework was told of."""
    return BaseThrottle().get_ident(request)


class ApiThrottle(BaseThrottle):
    """At most `API_RATE` requests per person or client, over a window that slides.

    Two counters of fixed windows, the older one weighed by how much of it the sliding window
    still covers: one atomic increment and one read a request, whatever the rate. A cache that
    is down lets requests through, because a clinic must work without it.
    """

    def __init__(self) -> None:
        number, period = str(api_settings.DEFAULT_THROTTLE_RATES["api"]).split("/")
        self.limit, self.window = int(number), SECONDS[period[0]]
        self._wait: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count this request and say whether it may go on."""
        return self.count(request.user.pk or address_of(request))

    def count(self, who: object) -> bool:
        """Count one request of this account or network address."""
        now = time.time() / self.window
        index, into = int(now), now - int(now)
        current, before = f"api-rate:{who}:{index}", f"api-rate:{who}:{index - 1}"
        try:
            cache.add(current, 0, timeout=2 * self.window)
            count, earlier = cache.incr(current), cache.get(before, 0)
            if count + earlier * (1 - into) <= self.limit:
                return True
            cache.decr(current)
        except Exception:
            logger.warning("The cache is down; requests are not counted.", exc_info=True)
            return True
        self._wait = self.window * self._until_free(count, earlier, into)
        return False

    def _until_free(self, count: int, earlier: int, into: float) -> float:
        """Windows until one more request fits."""
        if count > self.limit:
            return 1 - into + 1 / self.limit
        return 1 - (self.limit - count) / earlier - into

    def wait(self) -> float | None:
        """Whole seconds until one more request fits."""
        return max(1, ceil(self._wait)) if self._wait is not None else None
