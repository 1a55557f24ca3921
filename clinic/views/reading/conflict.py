"""Two windows wrote on one opinion: both texts, for a script and as a page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from clinic.criteria import Criteria
from clinic.forms.reads import ReadForm, as_fields
from clinic.models import Case, Confidence, Read
from clinic.services import DraftConflict
from clinic.views.gate import MemberRequest, asks_as_script, problem
from clinic.views.reading.place import Place

SENTENCE = "This opinion was changed in another window since you opened it. Choose which to keep."
EMPTY: dict[str, Any] = {
    "diagnosis": None,
    "management": "",
    "monitor_months": None,
    "confidence": None,
    "comment": "",
    "reason": "",
    "criteria": {},
}


@dataclass(frozen=True)
class DraftsApart:
    """One lesion whose draft has moved on: what this window sent, and what is stored.

    `stored_form` holds what is stored as the fields would show it.
    """

    place: Place
    stored: Read
    stored_form: ReadForm

    @property
    def mine(self) -> list[tuple[str, str]]:
        """What this window would keep, in words."""
        said = self.place.form.opinion()
        return in_words(Read(**{name: said.get(name) or empty for name, empty in EMPTY.items()}))

    @property
    def theirs(self) -> list[tuple[str, str]]:
        """What is stored, in words."""
        return in_words(self.stored)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The fields of this window as they came, to be sent again on top of what is stored."""
        data, prefix = self.place.form.data, f"{self.place.form.prefix}-"
        assert isinstance(data, QueryDict)  # noqa: S101 - a conflict comes from a post
        left_out = {f"{prefix}version", f"{prefix}keep"}
        fields = [
            (name, value)
            for name in data
            if name.startswith(prefix) and name not in left_out
            for value in data.getlist(name)
        ]
        return [*fields, (f"{prefix}version", str(self.stored.version))]

    def as_json(self) -> dict[str, Any]:
        """For the page's script; `fields` is what is stored, as the page would send it."""
        return {
            "lesion": str(self.place.lesion.pk),
            "number": self.place.lesion.number,
            "site": self.place.lesion.site_label,
            "version": self.stored.version,
            "mine": self.mine,
            "theirs": self.theirs,
            "fields": as_fields(self.stored_form),
        }


def in_words(read: Read) -> list[tuple[str, str]]:
    """What a read says, label by label."""
    words = [
        ("Diagnosis", read.diagnosis.name if read.diagnosis else "None yet"),
        ("Recommendation", read.management_label if read.management else "None yet"),
        ("How sure", Confidence(read.confidence).label if read.confidence else ""),
        ("Criteria", "; ".join(Criteria.from_json(read.criteria or {}).words())),
        ("Comment", read.comment),
        ("Reason", read.reason),
    ]
    return [(label, said) for label, said in words if said]


def conflict_answer(
    request: MemberRequest,
    case: Case,
    apart: list[DraftsApart],
    *,
    versions: dict[str, int],
    action: str,
) -> HttpResponse:
    """409 with both texts of each lesion; `action` is the address that takes the choice."""
    if asks_as_script(request):
        return problem(
            409,
            SENTENCE,
            code=DraftConflict.code,
            conflicts=[one.as_json() for one in apart],
            versions=versions,
        )
    context = {"case": case, "conflicts": apart, "sentence": SENTENCE, "action": action}
    return render(request, "clinic/reading/conflict.html", context, status=409)
