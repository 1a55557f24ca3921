"""`/oauth/token/`: checking a secret is slow on purpose, so it is rationed."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView

from accounts.api.throttling import ApiThrottle, address_of


class RationedTokenView(TokenView):
    """Gives tokens, at most as many to one network address as the API takes requests."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The answer is of RFC 6749, section 5, whatever it is."""
        throttle = ApiThrottle()
        if not throttle.count(f"token:{address_of(request)}"):
            error = {"error": "slow_down", "error_description": "Too many requests for tokens."}
            return JsonResponse(error, status=429, headers={"Retry-After": str(throttle.wait())})
        return super().post(request, *args, **kwargs)
