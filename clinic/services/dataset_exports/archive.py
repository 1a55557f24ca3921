"""The zip of an export: made while it is downloaded, stored nowhere.

Its members are the files that the job wrote and the original images, each read in pieces and not
compressed (pictures do not get smaller), so that the length is known before the first byte.
"""

from collections.abc import Iterator

from django.db import connection
from zipstream import ZIP_STORED, ZipStream

from clinic.models import DatasetExport, ExportState
from clinic.selectors.dataset_exports import members_of
from clinic.services.dataset_exports.refusals import ExportGone
from clinic.services.dataset_exports.stored import pieces_of
from clinic.services.dataset_exports.zip_size import zip_size

LOOKED_AT_EVERY = 100
"""Members after which it is asked whether the export is still handed out."""


def archive_folder(export: DatasetExport) -> str:
    """Everything in the zip lies in one folder, so that unpacking it litters nothing."""
    return f"{export.format}-{export.version.digest[:12]}"


def archive_size(export: DatasetExport) -> int:
    """Bytes of the whole zip."""
    folder = archive_folder(export)
    return zip_size((f"{folder}/{member.path}", member.size) for member in members_of(export))


def archive_pieces(export: DatasetExport) -> Iterator[bytes]:
    """The zip, in pieces. It breaks off if the export is taken back meanwhile.

    A zip that is broken off is shorter than was announced, which every client notices.
    """
    folder = archive_folder(export)
    # Sized: a member that is not as long as its row says ends the download as well.
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for number, member in enumerate(members_of(export)):
        if number % LOOKED_AT_EVERY == 0:
            _require_handed_out(export)
            _let_others_have_the_connection()
        archive.add(pieces_of(member.stored), f"{folder}/{member.path}", size=member.size)
        yield from archive.file()
    yield from archive.footer()


def _require_handed_out(export: DatasetExport) -> None:
    if not DatasetExport.objects.filter(pk=export.pk, state=ExportState.SUCCEEDED).exists():
        raise ExportGone("This export was taken back while it was downloaded.")


def _let_others_have_the_connection() -> None:
    """A download may last an hour, and the database has few connections."""
    if not connection.in_atomic_block:
        connection.close()
