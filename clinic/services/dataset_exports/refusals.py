"""Why an export is not handed out."""

from accounts.errors import Conflict, DomainError


class ExportNotReady(Conflict):
    """It is still being written, or never will be."""

    code = "export_not_ready"


class ExportGone(DomainError):
    """It was ready once, and its files are no longer handed out."""

    code = "export_gone"
    status = 410
