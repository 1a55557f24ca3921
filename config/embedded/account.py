"""Which system account a server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from config.embedded.errors import EmbeddedServerError

STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A system account that root lends to a server."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_data(cls, data: Path) -> Self | None:
        """The account for a server whose data lie in `data`; None: the one we are running as.

        Only root has to choose. Data that exist keep the account they belong to.
        """
        if os.geteuid() != 0:
            return None
        if data.exists() and data.stat().st_uid != 0:
            return cls._of(pwd.getpwuid(data.stat().st_uid))
        for name in STAND_INS:
            try:
                return cls._of(pwd.getpwnam(name))
            except KeyError:
                continue
        raise EmbeddedServerError(
            "PostgreSQL does not run as root, and this machine has neither a “postgres” nor a "
            "“nobody” account to run it as. Run this command as an ordinary user."
        )

    @classmethod
    def _of(cls, entry: pwd.struct_passwd) -> Self:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def popen_arguments(self) -> dict[str, Any]:
        """What `subprocess.Popen` needs to become this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Make the account the owner of a folder that exists."""
        os.chown(folder, self.uid, self.gid)

    def let_through_to(self, path: Path) -> None:
        """Let the account pass through the folders above `path`, without letting it list them.

        A checkout below a folder that only root may enter (`/root`, a temporary folder) would
        otherwise hide both the programs and the data from the account.
        """
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if folder.stat().st_uid != self.uid and not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)

    def let_read(self, folder: Path) -> None:
        """Let the account read and run an installed package (a strict umask hides it)."""
        for path in (folder, *folder.rglob("*")):
            if path.is_symlink():
                continue
            mode = path.stat().st_mode
            wanted = stat.S_IROTH
            if path.is_dir() or mode & stat.S_IXUSR:
                wanted |= stat.S_IXOTH
            if mode & wanted != wanted:
                path.chmod(mode | wanted)
