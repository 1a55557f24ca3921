"""The door to the data sets: administrators only."""

from functools import wraps
from typing import Any, cast

from django.http import HttpResponseBase

from accounts.errors import NotAllowed
from accounts.selectors import administered_organisations
from clinic.views.gate import AnyView, MemberRequest, for_members


def for_administrators(view: AnyView) -> AnyView:
    """Let in whoever administers an organisation; which data sets, `visible_datasets` says.

    Everybody else gets 403 at every address, so that no answer says which keys exist.
    """

    @for_members
    @wraps(view)
    def gate(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not administered_organisations(request.user).exists():
            msg = "Data sets are for the administrators of an organisation. Ask one of yours."
            raise NotAllowed(msg)
        return view(request, *args, **kwargs)

    return cast("AnyView", gate)
