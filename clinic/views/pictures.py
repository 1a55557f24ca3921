"""Handing out pictures to those who may see them, and noting who looked.

A full picture writes one row of the access log, also when the browser has it already (304): the
person sees it again. A thumbnail writes none: a list of 50 would bury the looks that matter, and
at 320 px nobody reads a lesion.
"""

import logging
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from clinic.imaging import make_rendition
from clinic.imaging.accepted import FILE_SUFFIXES, MEDIA_TYPES
from clinic.imaging.renditions import (
    RENDITION_MEDIA_TYPE,
    RENDITION_SUFFIX,
    THUMBNAIL_MEDIA_TYPE,
)
from clinic.models import LesionImage
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
    images = visible_images(request.user).select_related("case")
    image = get_object_or_404(images, pk=key)
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR") or None
        log_access(user=request.user, image=image, action="view", address=address)
    shown_as_jpeg = image.media_type == MEDIA_TYPES["HEIC"]
    if settings.STORAGE_REDIRECT and not shown_as_jpeg:
        signed = redirect(image.file.storage.url(image.file.name))
        patch_cache_control(signed, private=True, no_store=True)
        return signed
    etag = f"{image.sha256}-{SHOWN_SIDE}" if shown_as_jpeg else image.sha256
    if _has(request, etag):
        return _kept(HttpResponse(status=304), etag)
    if shown_as_jpeg:
        with _opened(image, "file") as file:
            content = make_rendition(file.read(), longest=SHOWN_SIDE)
        rendition = HttpResponse(content, content_type=RENDITION_MEDIA_TYPE)
        return _named(_kept(rendition, etag), f"{image.pk}{RENDITION_SUFFIX}")
    response = FileResponse(_opened(image, "file"), content_type=image.media_type)
    return _named(_kept(response, etag), f"{image.pk}{SUFFIXES.get(image.media_type, '')}")


@for_members
@require_safe
def image_thumbnail(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """The small rendition, for lists and tiles."""
    image = get_object_or_404(visible_images(request.user), pk=key)
    etag = f"{image.sha256}-thumbnail"
    if _has(request, etag):
        return _kept(HttpResponse(status=304), etag)
    response = FileResponse(_opened(image, "thumbnail"), content_type=THUMBNAIL_MEDIA_TYPE)
    return _named(_kept(response, etag), f"{image.pk}-thumbnail.webp")


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


def _kept(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The person's own browser may keep it; no proxy may."""
    response["ETag"] = quote_etag(etag)
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return response


def _named(response: HttpResponseBase, filename: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
