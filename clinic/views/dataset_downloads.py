"""Handing out exports: to whom, noted, never kept by a proxy or a browser, and not for ever."""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import User
from clinic.models import DatasetExport, DatasetExportFile, ExportDelivery
from clinic.selectors.dataset_exports import visible_export_files
from clinic.services.dataset_exports import (
    archive_name,
    archive_pieces,
    log_download,
    pieces_of,
    require_ready,
    signed_address,
)
from clinic.views.dataset_exports import find_export
from clinic.views.datasets.gate import for_administrators
from clinic.views.gate import MemberRequest


@require_safe
@for_administrators
def export_download(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """The zip."""
    export = find_export(request, key, delivery=ExportDelivery.ZIP)
    return send_archive(request, export, user=request.user)


@require_safe
@for_administrators
def export_file(request: MemberRequest, key: UUID, file_key: UUID) -> HttpResponseBase:
    """One of the plain files."""
    files = visible_export_files(request.user).filter(export=key)
    return send_file(request, get_object_or_404(files, pk=file_key), user=request.user)


def send_archive(request: HttpRequest, export: DatasetExport, *, user: User) -> HttpResponseBase:
    """The zip as it is made. Raises ExportGone, ExportNotReady."""
    require_ready(export=export)
    name = archive_name(export)
    _log(request, export, user, name)
    pieces = archive_pieces(export) if request.method == "GET" else iter(())
    response = _streamed(pieces, "application/zip", export.size_bytes)
    return _private(response, name)


def send_file(request: HttpRequest, file: DatasetExportFile, *, user: User) -> HttpResponseBase:
    """The file, or where storage hands it out for a minute. Raises ExportGone, ExportNotReady."""
    export = file.export
    require_ready(export=export)
    _log(request, export, user, file.path)
    stored, name = f"{export.prefix}/{file.path}", file.path.rpartition("/")[2]
    response: HttpResponseBase
    if settings.STORAGE_REDIRECT:
        response = HttpResponseRedirect(signed_address(stored, disposition=_attached(name)))
    else:
        pieces = pieces_of(stored) if request.method == "GET" else iter(())
        response = _streamed(pieces, file.media_type, file.size_bytes)
    return _private(response, name)


def _log(request: HttpRequest, export: DatasetExport, user: User, path: str) -> None:
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR") or None
        log_download(export=export, user=user, path=path, address=address)


def _streamed(pieces: Iterator[bytes], kind: str, size: int) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    response["Content-Length"] = str(size)
    return response


def _private(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = _attached(name)
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _attached(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
