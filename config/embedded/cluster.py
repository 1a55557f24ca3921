"""A PostgreSQL data folder (a cluster, in its own words): made whole or not at all, and checked."""

import os
import shutil
import subprocess
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import EmbeddedServerError
from config.embedded.folders import make_private

VERSION = "18"


def initialise(
    data: Path, *, programs: Path, superuser: str, account: Account | None, wait_for_disk: bool
) -> None:
    """Run initdb beside the final place: an interrupted one is never mistaken for data."""
    partial = data.with_name(data.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    make_private(partial, account)
    outcome = subprocess.run(  # noqa: S603  # our own command line
        [
            programs / "bin/initdb",
            *("-D", partial, "-U", superuser, "--auth=trust", "--encoding=UTF8"),
            # Sorting must not depend on the machine's C library.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--no-instructions", *([] if wait_for_disk else ["--no-sync"])),
        ],
        env=server_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        **(account.popen_arguments() if account else {}),
    )
    if outcome.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        raise EmbeddedServerError(
            f"PostgreSQL could not make its data folder {data}:\n{outcome.stderr.strip()}"
        )
    partial.rename(data)


def require_complete(data: Path) -> None:
    """Raise EmbeddedServerError where a folder is no data folder of this version."""
    version = data / "PG_VERSION"
    if not version.exists() or not (data / "global/pg_control").exists():
        raise EmbeddedServerError(
            f"{data} is not a complete PostgreSQL data folder. Move it away (or delete it where "
            "nothing in it is needed) and start again: a new one is made."
        )
    if (found := version.read_text().strip()) != VERSION:
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {found}, and this is PostgreSQL {VERSION}. "
            "Move it away and start again, or bring the data over with pg_dump."
        )


def server_environment() -> dict[str, str]:
    """The server's environment: no PG* of the caller's, and no locale that it does not have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
