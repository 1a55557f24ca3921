"""The reading room's door: dermatologists only, and nobody in another one's name."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.errors import Conflict
from accounts.services import require_role
from clinic.models import Case
from clinic.roles import READERS
from clinic.selectors import visible_cases
from clinic.views.gate import MemberRequest, View, for_members


def for_readers(view: View) -> View:
    """Let dermatologists of the organisation in force in; others are told who may."""

    @for_members
    @wraps(view)
    def gate(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_role(request.user, request.organisation.pk, *READERS)
        return view(request, *args, **kwargs)

    return gate


def for_readers_of_case(view: View) -> View:
    """Hand the view a case in place of its key: 404 for strangers, 403 for other roles."""

    @for_members
    @wraps(view)
    def gate(request: MemberRequest, key: UUID, **kwargs: Any) -> HttpResponse:
        cases = visible_cases(request.user).select_related("patient", "submitter", "organisation")
        case: Case = get_object_or_404(cases, pk=key)
        require_role(request.user, case.organisation_id, *READERS)
        _require_same_person(request, case)
        return view(request, case, **kwargs)

    return gate


def _require_same_person(request: MemberRequest, case: Case) -> None:
    """Refuse what a page sends that somebody else had opened: it would be the wrong one's opinion.

    On a shared computer a page may outlive the session, and go on sending in the next person's.
    """
    opened_by = request.POST.get("reader", "")
    if opened_by and opened_by != str(request.user.pk):
        msg = (
            f"{request.user.get_full_name()} has signed in since {case.reference} was opened here. "
            "Nothing was recorded in their name; what you typed is offered to you when you open "
            "the case again."
        )
        raise Conflict(msg, code="other_person")
