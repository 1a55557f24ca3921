"""The reading room's door: dermatologists only."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

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
        return view(request, case, **kwargs)

    return gate
