"""What can be done to an image while its case is a draft: remove, move, name its kind."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.errors import InvalidInput
from clinic.models import Case, ImageKind, LesionImage
from clinic.selectors import visible_images, visible_lesions
from clinic.services import change_image_kind, move_image, remove_image
from clinic.views.gate import MemberRequest, asks_as_script, for_members


@for_members
@require_POST
def image_remove(request: MemberRequest, key: UUID) -> HttpResponse:
    """Take an image out of its draft. An image that is gone already is as good."""
    image = _image(request, key)
    remove_image(image=image, actor=request.user)
    if asks_as_script(request):
        return HttpResponse()
    return _back_to(image.case)


@for_members
@require_POST
def image_move(request: MemberRequest, key: UUID) -> HttpResponse:
    """Put an image on another lesion; the script gets the tile for its new place."""
    image = _image(request, key)
    try:
        lesion_key = UUID(request.POST.get("lesion", ""))
    except ValueError as error:
        raise InvalidInput("Choose the lesion that the image shows.", field="lesion") from error
    lesion = get_object_or_404(visible_lesions(request.user), pk=lesion_key)
    image = move_image(image=image, lesion=lesion, actor=request.user)
    if not asks_as_script(request):
        return _back_to(image.case)
    return render(request, "clinic/cases/tile_moved.html", tile_context(request, image))


@for_members
@require_POST
def image_kind(request: MemberRequest, key: UUID) -> HttpResponse:
    """Say how an image was taken."""
    image = _image(request, key)
    kind = request.POST.get("kind", "")
    image = change_image_kind(image=image, kind=kind, actor=request.user)
    if not asks_as_script(request):
        return _back_to(image.case)
    return render(request, "clinic/cases/tile.html", tile_context(request, image))


def tile_context(request: MemberRequest, image: LesionImage) -> dict[str, object]:
    """What one tile of a draft shows."""
    lesions = visible_lesions(request.user).filter(patient=image.case.patient_id)
    return {
        "image": image,
        "lesion": image.lesion,
        "lesions": list(lesions.order_by("number")),
        "kinds": ImageKind.choices,
    }


def _image(request: MemberRequest, key: UUID) -> LesionImage:
    return get_object_or_404(visible_images(request.user).select_related("case", "lesion"), pk=key)


def _back_to(case: Case) -> HttpResponse:
    return redirect(reverse("case-draft", args=[case.pk]))
