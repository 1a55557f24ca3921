"""Whether somebody may use the API at all. What they may do with a row, the services decide."""

from typing import TYPE_CHECKING

from oauth2_provider.models import AccessToken
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.api.authentication import REALM

if TYPE_CHECKING:  # the framework imports this module while it loads its views
    from rest_framework.views import APIView


class InsufficientScope(PermissionDenied):
    """The token does not carry the scope that this request needs (RFC 6750, section 3.1)."""

    default_code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a token with the scope “{scope}”.")
        self.auth_header = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{scope}"'


class MayUseApi(BasePermission):
    """A person with a session, or a client whose token has the scope of the request."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Reading needs `read`, everything else `write`."""
        if not request.user or not request.user.is_authenticated:
            return False
        if isinstance(request.auth, AccessToken):
            needed = "read" if request.method in SAFE_METHODS else "write"
            # The client's scopes may have been cut back since the token was given out.
            granted = request.auth.scope.split()
            if needed not in granted or needed not in request.auth.application.scopes.split():
                raise InsufficientScope(needed)
        return True
