"""Images into a draft: one at a time from the page's script, many from a plain form."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts.errors import DomainError, InvalidInput
from accounts.services import require_role
from clinic.models import Case, ImageKind, Lesion, LesionImage
from clinic.roles import SUBMITTERS
from clinic.selectors import visible_cases, visible_lesions
from clinic.services import add_image
from clinic.views.gate import SIGNED_OUT, MemberRequest, asks_as_script, for_members, problem
from clinic.views.images import tile_context
from clinic.views.upload_handler import (
    MAX_REQUEST_BYTES,
    TOO_LARGE,
    TOO_MUCH,
    SkipTooLarge,
    read_away,
)

NO_FILE = "No file arrived: choose an image and send it again."


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    sentence: str
    code: str
    status: int


@csrf_exempt  # Checked below, once the limits stand: the check itself reads the body.
@require_POST
def image_upload(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Take images into a draft. Each is stored or refused for itself.

    A script (`Accept: application/json`) gets the tiles or problem details; a form goes back to
    the draft, or to a page that names what was refused.
    """
    if not request.user.is_authenticated and asks_as_script(request):
        read_away(request)
        return problem(401, SIGNED_OUT, code="signed_out")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_REQUEST_BYTES:
        return _too_much(request)
    handler = SkipTooLarge(request)
    request.upload_handlers.insert(0, handler)
    return _receive(cast("MemberRequest", request), key, handler)


@csrf_protect
@for_members
def _receive(request: MemberRequest, key: UUID, handler: SkipTooLarge) -> HttpResponse:
    case = get_object_or_404(visible_cases(request.user).select_related("patient"), pk=key)
    require_role(request.user, case.organisation_id, *SUBMITTERS)
    lesion = get_object_or_404(
        visible_lesions(request.user), pk=_uuid(request.POST.get("lesion", ""))
    )
    stored: list[LesionImage] = []
    refused = [Refused(name, TOO_LARGE, "too_many_bytes", 413) for name in handler.skipped]
    files = request.FILES.getlist("files")
    if not files and not refused:
        refused.append(Refused("", NO_FILE, "no_file", 400))
    for file in files:
        taken = _take(request, case, lesion, file, key=_key_for(request, files))
        if isinstance(taken, Refused):
            refused.append(taken)
        else:
            stored.append(taken)
    if asks_as_script(request):
        return _answer_script(request, case, lesion, stored, refused)
    return _answer_form(request, case, lesion, stored, refused)


def _take(
    request: MemberRequest, case: Case, lesion: Lesion, file: UploadedFile, *, key: UUID | None
) -> LesionImage | Refused:
    try:
        return add_image(
            case=case,
            lesion=lesion,
            content=file.read(),
            actor=request.user,
            kind=request.POST.get("kind") or ImageKind.DERMOSCOPIC,
            key=key,
        )
    except DomainError as refusal:
        status = 413 if refusal.code == "too_many_bytes" else refusal.status
        return Refused(file.name or "", str(refusal), refusal.code, status)


def _answer_script(
    request: MemberRequest,
    case: Case,
    lesion: Lesion,
    stored: list[LesionImage],
    refused: list[Refused],
) -> HttpResponse:
    tiles = []
    for image in stored:
        image.case = case
        html = render_to_string("clinic/cases/tile.html", tile_context(request, image), request)
        tiles.append({"id": str(image.pk), "html": html})
    if not refused:
        return JsonResponse({"images": tiles}, status=201)
    first = refused[0]
    return problem(
        first.status,
        " ".join(dict.fromkeys(refusal.sentence for refusal in refused)),
        code=first.code,
        images=tiles,
    )


def _answer_form(
    request: MemberRequest,
    case: Case,
    lesion: Lesion,
    stored: list[LesionImage],
    refused: list[Refused],
) -> HttpResponse:
    back = f"{reverse('case-draft', args=[case.pk])}#lesion-{lesion.pk}"
    if not refused:
        return redirect(back)
    context = {
        "case": case,
        "lesion": lesion,
        "stored": stored,
        "refused": refused,
        "back_url": back,
    }
    status = refused[0].status
    return render(request, "clinic/cases/upload_refused.html", context, status=status)


def _too_much(request: HttpRequest) -> HttpResponse:
    """Nothing of the body is read: the browser may see the line break before it sees the page."""
    if asks_as_script(request):
        return problem(413, TOO_MUCH, code="request_too_large")
    return render(request, "413.html", {"sentence": TOO_MUCH}, status=413)


def _key_for(request: MemberRequest, files: list[UploadedFile]) -> UUID | None:
    """The row's key, chosen by the script so that a retry after a lost answer stores nothing new.

    A form with several files has one key for them all, which is of no use.
    """
    if len(files) != 1 or not (text := request.POST.get("key")):
        return None
    return _uuid(text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        msg = "This form has expired. Open the draft again and repeat your entry."
        raise InvalidInput(msg, code="form_expired") from error
