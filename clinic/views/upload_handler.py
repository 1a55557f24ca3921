"""Receiving files without trusting their size: what is too large is skipped, not stored."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from clinic.imaging import DEFAULT_LIMITS

MAX_REQUEST_BYTES = 320 * 1024 * 1024
"""Of one post: ten images of the largest size accepted. The page's script sends one at a time."""
CHUNK = 64 * 1024
MEGABYTE = 1024 * 1024
TOO_LARGE = (
    f"This file is larger than {DEFAULT_LIMITS.max_bytes // MEGABYTE} MB, the most that is "
    "accepted: export it as a JPEG of lower quality or smaller size."
)
TOO_MUCH = (
    f"These files are larger than {MAX_REQUEST_BYTES // MEGABYTE} MB together: send fewer at once."
)


class SkipTooLarge(FileUploadHandler):
    """Stops storing a file at the limit; the other files of the same post go on.

    `skipped` are the names of the files that were too large.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.skipped: list[str] = []
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass on, until it is too much."""
        self.received += len(raw_data)
        if self.received > DEFAULT_LIMITS.max_bytes:
            self.skipped.append(self.file_name or "A file")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the making of the file to the handlers behind this one."""


def read_away(request: HttpRequest) -> None:
    """Read what is still being sent, so that the browser hears the answer and no broken line."""
    left = MAX_REQUEST_BYTES
    while left > 0:
        chunk = request.read(min(CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)
