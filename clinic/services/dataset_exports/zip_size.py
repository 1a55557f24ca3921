"""How long a zip will be, before a byte of it is written.

Every member is stored, with its digest and sizes behind it (a data descriptor). The lengths are
those of APPNOTE.TXT 6.3 as `zipstream-ng` writes them; beyond 2 GiB a member, its place or the
whole needs the longer records of Zip64.
"""

from collections.abc import Iterable
from zipfile import ZIP64_LIMIT, ZIP_FILECOUNT_LIMIT

LOCAL_HEADER, CENTRAL_HEADER = 30, 46
DESCRIPTOR, LONG_DESCRIPTOR = 16, 24
LONG_SIZES = 20
"""The extra field of a local header with two sizes of eight bytes."""
EXTRA, LONG_NUMBER = 4, 8
END, LONG_END = 22, 56 + 20
MARGIN = 1.05
"""The library takes a member for a long one a little before it is."""


def zip_size(members: Iterable[tuple[str, int]]) -> int:
    """Bytes of a zip of these members: name inside the zip, size in bytes."""
    count = written = central = 0
    for name, size in members:
        letters = len(name.encode())
        is_long = size * MARGIN > ZIP64_LIMIT
        longer = (written > ZIP64_LIMIT) + 2 * (size > ZIP64_LIMIT)
        central += CENTRAL_HEADER + letters + (EXTRA + LONG_NUMBER * longer if longer else 0)
        written += LOCAL_HEADER + letters + size
        written += LONG_SIZES + LONG_DESCRIPTOR if is_long else DESCRIPTOR
        count += 1
    is_long = count >= ZIP_FILECOUNT_LIMIT or written > ZIP64_LIMIT or central > ZIP64_LIMIT
    return written + central + END + (LONG_END if is_long else 0)
