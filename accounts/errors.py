"""What a service raises when it must say no: a sentence for the person who asked."""


class DomainError(Exception):
    """A refusal. `str(error)` is one plain sentence; `code` is stable for programs.

    `status` is the HTTP status that screens and API answer with.
    """

    code = "refused"
    status = 409

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        if code is not None:
            self.code = code


class InvalidInput(DomainError):
    """What was sent cannot be recorded as it is."""

    code = "invalid"
    status = 400


class NotAllowed(DomainError):
    """This person's role does not include that."""

    code = "not_allowed"
    status = 403


class Conflict(DomainError):
    """The record has moved on since the person looked at it."""

    code = "conflict"
    status = 409
