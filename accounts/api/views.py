"""What every view of the API is made of."""

from typing import Any, cast

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.idempotency import IdempotentPosts
from accounts.api.problems import PayloadTooLarge
from accounts.models import User


class LengthRequired(APIException):
    """A body of unknown length is not read."""

    status_code = 411
    default_code = "length_required"
    default_detail = "Send the length of the body (Content-Length), not chunks."


class ApiViewSet(IdempotentPosts, GenericViewSet):
    """Refuses a body by its announced length before a byte of it is read."""

    lookup_value_converter = "uuid"
    http_method_names = ["get", "head", "post", "patch", "delete"]

    @property
    def actor(self) -> User:
        """Who asks; the permission lets nobody else in."""
        return cast("User", self.request.user)

    def longest_body(self) -> int:
        """In bytes."""
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the length first: checking the CSRF token already reads a form's body."""
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            raise LengthRequired
        if length.isdigit() and int(length) > self.longest_body():
            megabytes = self.longest_body() // 1024**2
            sentence = f"This address takes at most {megabytes} MB: send a smaller request."
            raise PayloadTooLarge(sentence)
        super().initial(request, *args, **kwargs)

    def checked(self, serializer_class: type[BaseSerializer], **options: Any) -> dict[str, Any]:
        """The body's fields once they are right; raises ValidationError."""
        serializer = serializer_class(
            data=self.request.data, context=self.get_serializer_context(), **options
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def shown(self, row: Any, *, status: int = 200) -> Response:
        """One row as this resource shows it."""
        return Response(self.get_serializer(row).data, status=status)

    def created(self, row: Any) -> Response:
        """201 with the row and where it is."""
        response = self.shown(row, status=201)
        response["Location"] = reverse(
            f"{self.basename}-detail", args=[row.pk], request=self.request
        )
        return response


class ReadableViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """A resource with a list and a detail. `get_queryset` is a selector, and so is the check."""
