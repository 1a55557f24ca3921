"""Handing out pictures to those who may see them, and noting who looked.

A full picture writes one row of the access log, also when the browser has it already (304): the
person sees it again. So does a rendition for the screen; one that a page fetches before it is
wanted (`X-Purpose: prefetch`) is noted as that, and must be asked for again when it is shown. A
thumbnail writes none: a list of 50 would bury the looks that matter, and at 320 px nobody reads a
lesion.
"""

import logging
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from clinic.imaging import ImageRefused, make_rendition
from clinic.imaging.accepted import FILE_SUFFIXES, MEDIA_TYPES
from clinic.imaging.renditions import (
    RENDITION_MEDIA_TYPE,
    RENDITION_SIDE,
    RENDITION_SUFFIX,
    THUMBNAIL_MEDIA_TYPE,
)
from clinic.models import LesionImage, PendingRendition
from clinic.models.image import BROWSERS_CANNOT_SHOW
from clinic.selectors import visible_images
from clinic.services import log_access
from clinic.views.gate import MemberRequest, for_members

logger = logging.getLogger(__name__)

KEPT_SECONDS = 60 * 60
SHOWN_SIDE = 3000
"""Longer side, px, of what stands in for a HEIC picture, which browsers cannot show."""
SUFFIXES = {media_type: FILE_SUFFIXES[kind] for kind, media_type in MEDIA_TYPES.items()}


@for_members
@require_safe
def image_file(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """The picture: the stored bytes, or a JPEG of it where browsers cannot show them."""
    image = _looked_at(request, key)
    if image.media_type in BROWSERS_CANNOT_SHOW:
        return _made_now(request, image, SHOWN_SIDE)
    return _original(request, image)


@for_members
@require_safe
def image_screen(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """The picture as large as a screen: its rendition, or the original if that is small enough.

    Until a worker has made the rendition it is made for this answer only. Where there will be none
    the original is shown: what has killed workers must not be tried in a web process.
    """
    image = _looked_at(request, key)
    if not image.needs_rendition or _is_given_up(image):
        return _original(request, image)
    if not image.rendition:
        return _made_now_if_possible(request, image)
    if settings.STORAGE_REDIRECT:
        return _sent_to_storage(image.rendition)
    etag = _rendition_etag(image, RENDITION_SIDE)
    if _has(request, etag):
        return _kept(request, HttpResponse(status=304), etag)
    try:
        file = image.rendition.open("rb")
    except FileNotFoundError:
        logger.exception("The rendition of image %s is not in storage", image.pk)
        return _made_now_if_possible(request, image)
    response = FileResponse(file, content_type=RENDITION_MEDIA_TYPE)
    return _named(_kept(request, response, etag), f"{image.pk}-screen{RENDITION_SUFFIX}")


def _looked_at(request: MemberRequest, key: UUID) -> LesionImage:
    """The image, if the person may see it; that they looked is noted."""
    images = visible_images(request.user).select_related("case", "pending_rendition")
    image = get_object_or_404(images, pk=key)
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR") or None
        action = "prefetch" if _is_prefetch(request) else "view"
        log_access(user=request.user, image=image, action=action, address=address)
    return image


def _is_given_up(image: LesionImage) -> bool:
    pending: PendingRendition | None = getattr(image, "pending_rendition", None)
    return pending is not None and bool(pending.reason)


def _made_now_if_possible(request: MemberRequest, image: LesionImage) -> HttpResponseBase:
    try:
        return _made_now(request, image, RENDITION_SIDE)
    except (ImageRefused, MemoryError):
        logger.exception("No rendition of image %s could be made for an answer", image.pk)
        return _original(request, image)


def _original(request: MemberRequest, image: LesionImage) -> HttpResponseBase:
    if settings.STORAGE_REDIRECT:
        return _sent_to_storage(image.file)
    if _has(request, image.sha256):
        return _kept(request, HttpResponse(status=304), image.sha256)
    response = FileResponse(_opened(image, "file"), content_type=image.media_type)
    suffix = SUFFIXES.get(image.media_type, "")
    return _named(_kept(request, response, image.sha256), f"{image.pk}{suffix}")


def _made_now(request: MemberRequest, image: LesionImage, longest: int) -> HttpResponseBase:
    etag = _rendition_etag(image, longest)
    if _has(request, etag):
        return _kept(request, HttpResponse(status=304), etag)
    with _opened(image, "file") as file:
        content = make_rendition(file.read(), longest=longest)
    response = HttpResponse(content, content_type=RENDITION_MEDIA_TYPE)
    return _named(_kept(request, response, etag), f"{image.pk}{RENDITION_SUFFIX}")


def _rendition_etag(image: LesionImage, longest: int) -> str:
    return f"{image.sha256}-{longest}"


def _sent_to_storage(stored: FieldFile) -> HttpResponseBase:
    signed = redirect(stored.storage.url(stored.name))
    patch_cache_control(signed, private=True, no_store=True)
    return signed


@for_members
@require_safe
def image_thumbnail(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """The small rendition, for lists and tiles."""
    image = get_object_or_404(visible_images(request.user), pk=key)
    etag = f"{image.sha256}-thumbnail"
    if _has(request, etag):
        return _kept(request, HttpResponse(status=304), etag)
    response = FileResponse(_opened(image, "thumbnail"), content_type=THUMBNAIL_MEDIA_TYPE)
    return _named(_kept(request, response, etag), f"{image.pk}-thumbnail.webp")


def _opened(image: LesionImage, name: str) -> File:
    """The stored file, open. A row without its file is our fault: 404 for them, an error for us."""
    try:
        file: File = getattr(image, name).open("rb")
    except FileNotFoundError as error:
        logger.exception("The %s of image %s is not in storage", name, image.pk)
        raise Http404 from error
    return file


def _has(request: MemberRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return quote_etag(etag) in {tag.removeprefix("W/") for tag in known}


def _is_prefetch(request: MemberRequest) -> bool:
    return request.headers.get("X-Purpose") == "prefetch"


def _kept(request: MemberRequest, response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The person's own browser may keep it; no proxy may.

    What was fetched ahead is kept too, but not used unasked: showing it costs a 304, so that the
    look is noted when it happens.
    """
    response["ETag"] = quote_etag(etag)
    if _is_prefetch(request):
        patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return response


def _named(response: HttpResponseBase, filename: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
