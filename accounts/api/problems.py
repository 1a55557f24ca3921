"""One shape for every error: problem details (RFC 9457)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from django.http import Http404, JsonResponse, UnreadablePostError
from rest_framework import exceptions, status
from rest_framework.response import Response

from accounts.errors import DomainError

MEDIA_TYPE = "application/problem+json"
# Sentences for what the framework refuses by itself, in place of its own wording.
SENTENCES = {
    400: "The request could not be understood.",
    401: "Sign in, or send an access token as “Authorization: Bearer …”.",
    403: "You may not do that.",
    404: "There is nothing at this address, or you may not see it.",
    406: "The API answers in JSON only: accept application/json.",
    413: "The request is larger than this address takes.",
    429: "Too many requests: wait as long as Retry-After says.",
    500: "Something went wrong on our side. Nothing you stored is lost; it has been logged.",
}


class PayloadTooLarge(exceptions.APIException):
    """The body is longer than the address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = SENTENCES[413]


class QueryInvalid(exceptions.ValidationError):
    """A query parameter is not right; its errors name parameters, not fields of a body."""


def problem(
    status_code: int,
    *,
    detail: str | None = None,
    code: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The body of a problem. `code` is stable for programs; `errors` point at fields."""
    title = HTTPStatus(status_code).phrase
    code = code or title.lower().replace(" ", "_")
    body: dict[str, Any] = {
        "type": f"urn:second-look:problem:{code}",
        "title": title,
        "status": status_code,
        "detail": detail or SENTENCES.get(status_code, f"{title}."),
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return body


def problem_page(status_code: int, detail: str | None = None) -> JsonResponse:
    """A problem outside the API's own views: unknown addresses, crashes."""
    return JsonResponse(
        problem(status_code, detail=detail), status=status_code, content_type=MEDIA_TYPE
    )


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """What any exception of a view answers; None for a defect, which Django logs as a 500."""
    body = _body(error)
    if body is None:
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = f"{wait:.0f}"
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _body(error: Exception) -> dict[str, Any] | None:
    body: dict[str, Any] | None = None
    match error:
        case DomainError():
            body = _domain(error)
        case exceptions.ValidationError():
            body = _invalid(error)
        case exceptions.APIException():
            body = _refused(error)
        case Http404():
            body = problem(404)
        case DjangoPermissionDenied():
            body = problem(403)
        case DjangoValidationError():
            body = problem(400, code="invalid", detail=" ".join(error.messages))
        case RequestDataTooBig():
            body = problem(413, code="too_large")
        case SuspiciousOperation() | UnreadablePostError() | DataError():
            body = problem(400)
    return body


def _domain(error: DomainError) -> dict[str, Any]:
    sentence = str(error)
    errors = [_entry(sentence, error.code, pointer=f"#/{error.field}")] if error.field else None
    return problem(error.status, detail=sentence, code=error.code, errors=errors)


def _refused(error: exceptions.APIException) -> dict[str, Any]:
    code, detail = str(error.get_codes()), str(error.detail)
    # The framework's own wording gives way to ours; a sentence that a view wrote stays.
    if isinstance(error, exceptions.Throttled) or detail == str(error.default_detail):
        detail = SENTENCES.get(error.status_code, detail)
    return problem(error.status_code, detail=detail, code=code)


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    place = "parameter" if isinstance(error, QueryInvalid) else "pointer"
    errors = [
        _entry(str(detail), str(detail.code), **{place: _place(place, path)})
        for path, detail in _leaves(error.detail, ())
    ]
    where = "parameter" if place == "parameter" else "field"
    detail = (
        f"{errors[0]['detail']}"
        if len(errors) == 1
        else f"{len(errors)} {where}s are not right; see errors."
    )
    return problem(400, code="invalid", detail=detail, errors=errors)


def _entry(detail: str, code: str, **place: str) -> dict[str, str]:
    return {**place, "detail": detail, "code": code}


def _place(kind: str, path: tuple[str, ...]) -> str:
    steps = [step for step in path if step != "non_field_errors"]
    if kind == "parameter":
        return ".".join(steps)
    # JSON pointer (RFC 6901) as a URI fragment.
    return "#" + "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def _leaves(
    detail: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], exceptions.ErrorDetail]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _leaves(value, (*path, str(key)))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _leaves(value, (*path, str(index)) if nested else path)
    else:
        yield path, detail
