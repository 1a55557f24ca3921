"""`Idempotency-Key`: a POST that is sent again gets its first answer, and does nothing twice.

The answer is stored in the transaction that does the work. Either both are there or neither is:
a crash in the middle leaves nothing done, nothing remembered and no key blocked.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import IdempotentAnswer, User
from accounts.services.idempotent_answers import (
    Answer,
    find_answer,
    lock_idempotency_key,
    remember_answer,
)

HEADER = "Idempotency-Key"
MAX_KEY = 255
REMEMBERED_HEADERS = ("Content-Type", "Location")

Handler = Callable[..., HttpResponseBase]


class KeyInvalid(APIException):
    """The header is there but cannot be a key."""

    status_code = 400
    default_code = "idempotency_key_invalid"
    default_detail = f"An Idempotency-Key has 1 to {MAX_KEY} printable ASCII characters."


class KeyReused(APIException):
    """The key was used for something else."""

    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was used for another request: choose a new key for a new request."
    )


class StillRunning(APIException):
    """The first request with this key has not been answered yet."""

    status_code = 409
    default_code = "idempotency_in_progress"
    default_detail = (
        "The first request with this Idempotency-Key is still running: repeat it later."
    )
    wait = 1


class IdempotentPosts(APIView):
    """A view whose every POST honours the header."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After authentication, permission and throttling: put the answer book before the work."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER)
        handler = getattr(self, "post", None)
        if request.method == "POST" and key is not None and handler is not None:
            self.post = partial(self._post_once, handler, _checked(key))

    def _post_once(
        self, handler: Handler, key: str, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        fingerprint, user = fingerprint_of(request), cast("User", request.user)
        with transaction.atomic():
            if not lock_idempotency_key(user=user, key=key):
                raise StillRunning
            first = find_answer(user=user, key=key)
            if first is not None:
                return _replay(first, fingerprint)
            response = self._answer(handler, request, *args, **kwargs)
            if response.status_code >= 500:
                transaction.set_rollback(True)
                return response
            remember_answer(
                user=user,
                key=key,
                fingerprint=fingerprint,
                answer=Answer(
                    status=response.status_code,
                    body=response.content,
                    headers={
                        name: response[name] for name in REMEMBERED_HEADERS if name in response
                    },
                ),
            )
        return response

    def _answer(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The rendered response, refusals included; a defect is raised on and rolls back."""
        try:
            with transaction.atomic():
                response: Any = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the framework's own handler decides
            response = self.handle_exception(error)
        response = self.finalize_response(request, response, *args, **kwargs)
        return response.render() if isinstance(response, Response) else response


def fingerprint_of(request: Request) -> str:
    """What makes two requests the same: method, address, and the body's meaning.

    The order of fields does not count, nor does a multipart boundary; a file counts by its
    digest. Reading the body may raise ParseError or UnsupportedMediaType.
    """
    data = request.data
    if isinstance(data, QueryDict):
        parts = [[name, _meaning(value)] for name in sorted(data) for value in data.getlist(name)]
        # Of several files with one name the order is kept: which is first may matter.
        meaning: Any = ["form", parts]
    else:
        meaning = ["json", data]
    text = json.dumps([request.method, request.get_full_path(), meaning], sort_keys=True)
    # Keyed: a body may carry a password, and a plain digest of it could be guessed against.
    return salted_hmac(__name__, text, algorithm="sha256").hexdigest()


def _meaning(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return ["file", digest.hexdigest()]


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        raise KeyInvalid
    return key


def _replay(first: IdempotentAnswer, fingerprint: str) -> HttpResponse:
    if first.fingerprint != fingerprint:
        raise KeyReused
    response = HttpResponse(bytes(first.body), status=first.status, headers=first.headers)
    response["Idempotent-Replayed"] = "true"
    return response
