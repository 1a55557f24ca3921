"""The folders of an embedded server: its data, and a short one for its socket."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import EmbeddedServerError

# sun_path in sockaddr_un: 108 bytes with the closing zero on Linux, 104 on macOS and the BSDs.
LONGEST_SOCKET_PATH = 103


def make_private(folder: Path, account: Account | None = None) -> None:
    """Make a folder that only its owner may enter; raises EmbeddedServerError where that fails."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if account is not None:
            account.give(folder)
            account.let_through_to(folder)
    except OSError as error:
        raise EmbeddedServerError(
            f"{error.filename or folder} cannot be written ({error.strerror}). Give yourself the "
            "right to write there, or run from a checkout of your own."
        ) from error


def socket_folder(data: Path, socket_name: str, account: Account | None = None) -> Path:
    """Where a server with its data in `data` puts its socket.

    Beside the data where the address fits into the kernel's limit, otherwise (a deep checkout) in
    a private folder under the system's temporary folder, named after the data's full path.
    """
    if len(os.fsencode(data / socket_name)) <= LONGEST_SOCKET_PATH:
        return data
    name = f"second-look-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    for root in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108  # verified below
        folder = root / name
        if len(os.fsencode(folder / socket_name)) <= LONGEST_SOCKET_PATH:
            break
    make_private_in_shared(folder, account)
    return folder


def make_private_in_shared(folder: Path, account: Account | None) -> None:
    """Make a private folder where others may write too: what they left there is not taken over."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        ours = {os.geteuid()} | ({account.uid} if account else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise EmbeddedServerError(
                f"{folder} belongs to somebody else, so no server may put its socket there. "
                "Remove it, or set TMPDIR to a folder of your own."
            ) from None
    make_private(folder, account)
