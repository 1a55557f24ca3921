"""Reading bodies without being talked into a crash."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class SafeJSONParser(JSONParser):
    """JSON in UTF-8. Nesting that would exhaust the stack is a bad request, not a crash."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed body. The encoding is UTF-8 whatever the sender calls it (RFC 8259)."""
        try:
            return super().parse(
                stream, media_type, {**(parser_context or {}), "encoding": "utf-8"}
            )
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
