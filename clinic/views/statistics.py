"""The picture of the work: one page for dermatologists, one for administrators."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.services import require_role
from clinic.selectors import reading_policy
from clinic.selectors.policy_history import policy_history
from clinic.selectors.statistics import PERIODS, Picture, last_weeks, picture_of_work
from clinic.selectors.statistics.readers import readers_by_name
from clinic.statistics.figures import FEWEST, FEWEST_OF_A_CLASS
from clinic.views.gate import MemberRequest, for_members
from clinic.views.readers import for_readers
from clinic.views.statistics_tables import (
    ROLES,
    Column,
    agreement_rows,
    score_rows,
    weekly_rows,
)

PRESENT = 12


@dataclass(frozen=True)
class Choice:
    """A way to see the page: its words, its query string, and whether it is in force."""

    label: str
    query: str
    is_chosen: bool


@require_safe
@never_cache
@for_readers
def own_statistics(request: MemberRequest) -> HttpResponse:
    """A dermatologist's own figures beside those of all readers; no colleague by name."""
    picture = _picture(request)
    own = Column("You", picture.of_reader(request.user.pk), is_own=True)
    everybody = Column("All readers", picture.of_all)
    context = _context(request, picture, [own, everybody])
    return render(request, "clinic/statistics/own.html", context)


@require_safe
@never_cache
@for_members
def organisation_statistics(request: MemberRequest) -> HttpResponse:
    """The whole organisation, and each reader by name, for its administrators."""
    require_role(request.user, request.organisation.pk, Role.ADMINISTRATOR)
    picture = _picture(request)
    context = _context(request, picture, [Column("All readers", picture.of_all)])
    people = readers_by_name(request.user, request.organisation, picture.readers)
    context["readers"] = [Column(str(person), picture.of_reader(person.pk)) for person in people]
    return render(request, "clinic/statistics/organisation.html", context)


def _picture(request: MemberRequest) -> Picture:
    return picture_of_work(
        user=request.user,
        organisation=request.organisation,
        period=last_weeks(_weeks(request.GET)),
        consensus=_takes_consensus(request.GET),
    )


def _context(request: MemberRequest, picture: Picture, columns: list[Column]) -> dict[str, Any]:
    policy = reading_policy(request.organisation.pk)
    everybody = columns[-1].work
    return {
        "period": picture.period,
        "counted_at": picture.counted_at,
        "periods": _period_choices(request.GET),
        "truths": _truth_choices(request.GET),
        "takes_consensus": _takes_consensus(request.GET),
        "columns": columns,
        "everybody": everybody,
        "roles": [label for _, label in ROLES],
        "weeks": weekly_rows(picture.period, columns[0].work.workload, everybody.workload),
        "agreement_rows": agreement_rows(column.work.agreement for column in columns),
        "scores": [
            (column, column.work.comparison, score_rows(column.work.comparison))
            for column in columns
        ],
        "fewest": FEWEST,
        "fewest_of_a_class": FEWEST_OF_A_CLASS,
        "policy": policy,
        "policy_changes": policy_history(policy),
    }


def _weeks(params: QueryDict) -> int:
    """What makes no sense is ignored."""
    asked = params.get("weeks", "")
    return int(asked) if asked in {str(weeks) for weeks in PERIODS} else PRESENT


def _takes_consensus(params: QueryDict) -> bool:
    return params.get("truth") == "consensus"


def _period_choices(params: QueryDict) -> list[Choice]:
    return [
        Choice(f"{weeks} weeks", _query(params, weeks=str(weeks)), weeks == _weeks(params))
        for weeks in PERIODS
    ]


def _truth_choices(params: QueryDict) -> list[Choice]:
    consensus = _takes_consensus(params)
    return [
        Choice("Pathology only", _query(params, truth=""), not consensus),
        Choice("Pathology, else consensus", _query(params, truth="consensus"), consensus),
    ]


def _query(params: QueryDict, **changes: str) -> str:
    """The choices in force but one; nothing else of the address is carried on."""
    kept = QueryDict(mutable=True)
    kept["weeks"] = str(_weeks(params))
    if _takes_consensus(params):
        kept["truth"] = "consensus"
    for name, value in changes.items():
        if value:
            kept[name] = value
        else:
            kept.pop(name, None)
    return f"?{kept.urlencode()}"
