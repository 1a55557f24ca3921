"""Exports of frozen versions: asked for, written by a worker, handed out, ended."""

from clinic.services.dataset_exports.archive import archive_pieces
from clinic.services.dataset_exports.ending import (
    block_exports_of,
    expire_exports,
    remove_ended_exports,
)
from clinic.services.dataset_exports.handing_out import (
    archive_name,
    is_over,
    log_download,
    require_ready,
)
from clinic.services.dataset_exports.queue import (
    claim_export,
    give_up_what_kills_export_workers,
    ring_for_exports,
)
from clinic.services.dataset_exports.refusals import ExportGone, ExportNotReady
from clinic.services.dataset_exports.request import cancel_export, request_export, retry_export
from clinic.services.dataset_exports.stored import pieces_of, signed_address
from clinic.services.dataset_exports.write import write_export

__all__ = [
    "ExportGone",
    "ExportNotReady",
    "archive_name",
    "archive_pieces",
    "block_exports_of",
    "cancel_export",
    "claim_export",
    "expire_exports",
    "give_up_what_kills_export_workers",
    "is_over",
    "log_download",
    "pieces_of",
    "remove_ended_exports",
    "request_export",
    "require_ready",
    "retry_export",
    "ring_for_exports",
    "signed_address",
    "write_export",
]
