"""What went wrong, in a sentence that a person at a terminal can act on."""


class EmbeddedServerError(Exception):
    """An embedded server cannot start or stop; the message is the whole explanation."""
