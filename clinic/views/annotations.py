"""Annotations on one image, for the stage's script, and the masks made of them."""

import json
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError, InvalidInput
from accounts.services import require_role
from clinic.annotation.archive import write_masks
from clinic.annotation.markup import SVG_NAMESPACE
from clinic.annotation.masks import file_stem
from clinic.models import Annotation, LesionImage
from clinic.roles import READERS
from clinic.selectors import visible_images
from clinic.selectors.annotations import (
    annotating_reading,
    annotation_document,
    annotation_history,
    image_annotations,
)
from clinic.services import log_access
from clinic.services.annotations import AnnotationChanged, delete_annotation, save_annotation
from clinic.views.gate import MemberRequest, for_members, problem

IN_MEMORY = 4 * 1024**2
"""Bytes of masks; more than that goes through a temporary file."""
NOT_UNDERSTOOD = "The annotation did not arrive whole. Reload the page and draw it again."
TOO_LARGE = "This annotation is too large. Draw a simpler outline."
# What a change says, and which type each field has.
FIELDS: dict[str, tuple[type, ...]] = {
    "version": (int,), "label": (str,), "text": (str,), "target": (dict, list),
}  # fmt: skip


@never_cache
@for_members
@require_safe
def annotation_list(request: MemberRequest, key: UUID) -> HttpResponse:
    """What this person sees on the image, and whether they may draw."""
    image = _image(request, key)
    reading = annotating_reading(request.user, image.case).first()
    rows = image_annotations(request.user, image)
    shown = [shown_annotation(row, is_mine=_is_mine(row, request, reading)) for row in rows]
    return JsonResponse({"annotations": shown, "may_annotate": reading is not None})


@never_cache
@for_members
@require_http_methods(["PUT", "DELETE"])
def annotation(request: MemberRequest, key: UUID, annotation_key: UUID) -> HttpResponse:
    """Keep or delete one annotation. Refusals are problem details, whatever was accepted."""
    image = _image(request, key)
    try:
        require_role(request.user, image.case.organisation_id, *READERS)
        if request.method == "DELETE":
            version = _version(request.GET.get("version", ""))
            row = delete_annotation(
                image=image, actor=request.user, key=annotation_key, version=version
            )
            return JsonResponse({"key": str(row.key), "version": row.version})
        row = save_annotation(image=image, actor=request.user, key=annotation_key, **_sent(request))
    except AnnotationChanged as changed:
        current = _shown_again(request, changed.current)
        return problem(409, str(changed), code=changed.code, current=current)
    except RequestDataTooBig:
        return problem(413, TOO_LARGE, code="too_large")
    except DomainError as refusal:
        return problem(refusal.status, str(refusal), code=refusal.code, field=refusal.field)
    status = 201 if row.version == 1 else 200
    return JsonResponse(_shown_again(request, row), status=status)


@never_cache
@for_members
@require_safe
def image_masks(request: MemberRequest, key: UUID) -> HttpResponseBase:
    """A zip with one mask for each label that is present: `?mine=1`, `?reading=<key>`."""
    image = _image(request, key)
    rows = image_annotations(request.user, image)
    if request.GET.get("mine") == "1":
        rows = rows.filter(creator=request.user)
    if reading := request.GET.get("reading"):
        rows = rows.filter(reading=_uuid(reading))
    outlines: dict[str, list[Any]] = {}
    for label, points in rows.values_list("label", "points"):
        outlines.setdefault(label, []).append(points)
    stem = file_stem(key=str(image.pk), source_reference=image.source_reference)
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR") or None
        log_access(user=request.user, image=image, action="masks", address=address)
    # Made whole before the first byte leaves, so that a failure is an error and no torn file.
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the response closes it
    write_masks(file, outlines, stem=stem, width=image.width, height=image.height)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{stem}_masks.zip", content_type="application/zip"
    )


def _shown_again(request: MemberRequest, row: Annotation) -> dict[str, Any]:
    """A row of the person's own, as the list shows it."""
    rows = annotation_history(request.user, row.key).select_related("creator")
    return shown_annotation(rows.get(pk=row.pk), is_mine=True)


def shown_annotation(row: Annotation, *, is_mine: bool) -> dict[str, Any]:
    """One annotation as the stage's script reads it. A tombstone has no `annotation`."""
    return {
        "key": str(row.key),
        "version": row.version,
        "annotation": None if row.is_deleted else _document(row),
        "label": row.label,
        "text": row.text,
        "creator": row.creator.get_full_name(),
        "mine": is_mine,
        "deleted": row.is_deleted,
    }


def _document(row: Annotation) -> dict[str, Any]:
    document = annotation_document(row)
    # Annotorious 3.8 takes an <svg> with a namespace for the shape itself, and an ellipse
    # in it for nothing. The API gives the namespace, as SVG asks for.
    selector = document["target"]["selector"]
    selector["value"] = selector["value"].replace(f' xmlns="{SVG_NAMESPACE}"', "", 1)
    return document


def _is_mine(row: Annotation, request: MemberRequest, reading: Any) -> bool:
    """Whether the person can change it; where nothing can be changed, whether they drew it."""
    if reading is not None:
        return bool(row.reading_id == reading.pk)
    return row.creator_id == request.user.pk


def _image(request: MemberRequest, key: UUID) -> LesionImage:
    return get_object_or_404(visible_images(request.user).select_related("case"), pk=key)


def _sent(request: MemberRequest) -> dict[str, Any]:
    """The fields of the body; raises InvalidInput for anything but the object that is expected."""
    try:
        body = json.loads(request.body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(NOT_UNDERSTOOD, code="not_json") from error
    if not isinstance(body, Mapping):
        raise InvalidInput(NOT_UNDERSTOOD, code="not_json")
    sent = {name: body.get(name) for name in FIELDS}
    sent["text"] = "" if sent["text"] is None else sent["text"]
    for name, types in FIELDS.items():
        if not isinstance(sent[name], types) or isinstance(sent[name], bool):
            raise InvalidInput(NOT_UNDERSTOOD, code="not_understood", field=name)
    sent["version"] = _version(str(sent["version"]))
    return sent


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        msg = "Say which version of the annotation this is based on."
        raise InvalidInput(msg, code="no_version", field="version")
    return int(text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("There is no such reading.", field="reading") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
