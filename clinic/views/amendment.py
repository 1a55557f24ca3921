"""Amending a signed answer: the old one beside the new, a reason, and a signature."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import Conflict, DomainError, InvalidInput
from accounts.services import (
    SigningProof,
    SigningProofRequired,
    current_signing_proof,
    prove_with_password,
    spend_signing_proof,
)
from clinic.forms.amendment import AmendedReadForm, AmendmentForm
from clinic.models import Case, Reading
from clinic.selectors import taxonomy
from clinic.selectors.case_answers import Answer, case_answer
from clinic.services import IncompleteRead, amend_answer
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case

NOT_YET = "Nothing is signed yet. Please check what is marked."


@dataclass
class Amendment:
    """The page: the answer as it stands, the form, and what was refused."""

    case: Case
    answer: Answer
    form: AmendmentForm
    reads: list[AmendedReadForm]
    sentence: str = ""
    asks_password: bool = False
    password_error: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether every field can be recorded; all of them are looked at."""
        return all([self.form.is_valid(), *[read.is_valid() for read in self.reads]])

    @property
    def opinions(self) -> dict[UUID, dict[str, Any]]:
        """What the new answer says, by lesion."""
        return {read.lesion.pk: read.opinion() for read in self.reads}

    @property
    def based_on(self) -> Reading:
        """The answer that the person saw; raises Conflict where it is none of this case."""
        key = self.form.cleaned_data["based_on"]
        found = next((one for one in self.answer.signed if one.pk == key), None)
        if found is None:
            msg = "This form has expired. Open it again and repeat your entry."
            raise Conflict(msg, code="form_expired")
        return found


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_readers_of_case
def case_amend(request: MemberRequest, case: Case) -> HttpResponse:
    """Ask for the new answer, and sign it. Without a script, the password is asked in the form."""
    answer = case_answer(request.user, case)
    if answer is None:
        msg = f"{case.reference} has no signed answer yet, so there is nothing to amend."
        raise Conflict(msg, code="case_state")
    page = _page(request, case, answer)
    if request.method != "POST":
        return _shown(request, page)
    if not page.is_valid:
        page.sentence = NOT_YET
        return _shown(request, page, status=422)
    try:
        proof = _proof(request)
        amend_answer(
            case=case,
            reader=request.user,
            reason=page.form.cleaned_data["reason"],
            opinions=page.opinions,
            based_on=page.based_on,
            proof=proof,
            key=page.form.cleaned_data["key"],
        )
    except DomainError as refusal:
        if asks_as_script(request):
            raise
        return _refused(request, page, refusal)
    spend_signing_proof(request=request)
    told = "" if case.submitter_id == request.user.pk else f" {case.submitter} is told."
    messages.success(request, f"The amended answer of {case.reference} is signed.{told}")
    return redirect("case-detail", key=case.pk)


def _page(request: MemberRequest, case: Case, answer: Answer) -> Amendment:
    data = request.POST if request.method == "POST" else None
    tree = taxonomy()
    return Amendment(
        case=case,
        answer=answer,
        form=AmendmentForm(data, answer=answer.reading),
        reads=[
            AmendedReadForm(data, lesion=read.lesion, taxonomy=tree, read=read)
            for read in answer.reads
        ],
    )


def _proof(request: MemberRequest) -> SigningProof:
    """A proof of this session, or the password that came with the form."""
    proof = current_signing_proof(request=request)
    if proof is None and "password" in request.POST:
        return prove_with_password(request=request, password=request.POST["password"])
    if proof is None:
        raise SigningProofRequired
    return proof


def _refused(request: MemberRequest, page: Amendment, refusal: DomainError) -> HttpResponse:
    """The form with everything that was typed, and what to do."""
    if isinstance(refusal, SigningProofRequired) or refusal.field == "password":
        page.asks_password = True
        page.password_error = "" if isinstance(refusal, SigningProofRequired) else str(refusal)
        return _shown(request, page, status=refusal.status)
    if isinstance(refusal, IncompleteRead):
        for read in page.reads:
            if read.lesion.pk == refusal.lesion.pk:
                read.add_error(refusal.field, str(refusal))
    elif isinstance(refusal, InvalidInput):
        page.form.add_error(refusal.field, str(refusal))
    elif refusal.code == "amended_meanwhile":
        return _overtaken(request, page)
    page.sentence = str(refusal)
    return _shown(request, page, status=refusal.status)


def _overtaken(request: MemberRequest, page: Amendment) -> HttpResponse:
    """A colleague was faster: their answer beside what was typed, which is now based on it."""
    case = Case(pk=page.case.pk)
    case.refresh_from_db()
    page.case = case
    newest = case_answer(request.user, case)
    if newest is not None:
        page.answer = newest
        data = request.POST.copy()
        data["based_on"] = str(newest.reading.pk)
        page.form = AmendmentForm(data, answer=newest.reading)
        page.form.is_valid()
    page.sentence = (
        f"{page.answer.reading.reader.get_full_name()} has amended {page.case.reference} since you "
        "opened it. That answer stands beside yours now: sign only if yours should replace it."
    )
    return _shown(request, page, status=409)


def _shown(request: MemberRequest, page: Amendment, *, status: int = 200) -> HttpResponse:
    context = {"page": page, "case": page.case, "answer": page.answer}
    return render(request, "clinic/amendment/amend.html", context, status=status)
