"""Which representation to answer with."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AnyAccepted(BaseContentNegotiation):
    """For downloads, whose kind is the stored file's: `Accept` is not looked at."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Downloads have no body."""
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        """Errors are JSON all the same."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
