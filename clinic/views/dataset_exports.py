"""Exports of a version: asked for, watched, cancelled, tried again, and the files of one."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.keyset import keyset_page
from clinic.models import DatasetExport, DatasetVersion, ExportDelivery
from clinic.selectors.dataset_exports import visible_export_files, visible_exports
from clinic.selectors.datasets import visible_dataset_versions
from clinic.services.dataset_exports import (
    cancel_export,
    request_export,
    require_ready,
    retry_export,
)
from clinic.templatetags.dataset_exports import export_list
from clinic.views.datasets.gate import for_administrators
from clinic.views.gate import MemberRequest

FILES_OF_A_PAGE = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def dataset_exports(request: MemberRequest, key: UUID) -> HttpResponse:
    """The list as it is now, and one more export."""
    versions = visible_dataset_versions(request.user).select_related("dataset")
    version = get_object_or_404(versions, pk=key)
    if request.method == "POST":
        request_export(
            version=version,
            format=request.POST.get("format", ""),
            delivery=request.POST.get("delivery", ""),
            actor=request.user,
        )
        return _list(request, version)
    if request.htmx:
        return _list(request, version)
    return render(request, "clinic/datasets/exports.html", {"version": version})


@require_POST
@for_administrators
def export_cancel(request: MemberRequest, key: UUID) -> HttpResponse:
    """Stop one that is not finished."""
    export = find_export(request, key)
    cancel_export(export=export, actor=request.user)
    return _list(request, export.version)


@require_POST
@for_administrators
def export_retry(request: MemberRequest, key: UUID) -> HttpResponse:
    """Go on with one that failed."""
    export = find_export(request, key)
    retry_export(export=export, actor=request.user)
    return _list(request, export.version)


@never_cache
@require_safe
@for_administrators
def export_files(request: MemberRequest, key: UUID) -> HttpResponse:
    """The plain files of an export, each with its link."""
    export = find_export(request, key, delivery=ExportDelivery.FILES)
    require_ready(export=export)
    files = visible_export_files(request.user).filter(export=export)
    context = {
        "export": export,
        "version": export.version,
        "page": keyset_page(files, order=["path"], params=request.GET, size=FILES_OF_A_PAGE),
        "count": files.count(),
        "bucket": settings.STORAGE_BUCKET,
    }
    return render(request, "clinic/datasets/export_files.html", context)


def find_export(request: MemberRequest, key: UUID, **which: str) -> DatasetExport:
    """The export, if the person administers every organisation in it; otherwise 404."""
    exports = visible_exports(request.user).filter(**which)
    return get_object_or_404(exports, pk=key)


def _list(request: MemberRequest, version: DatasetVersion) -> HttpResponse:
    if not request.htmx:
        return redirect("dataset-exports", version.pk)
    return render(request, "clinic/datasets/_export_list.html", export_list(version))
