"""A PostgreSQL data folder in which the migrations have run already, kept between test runs.

Running every migration costs ten seconds of work; copying the result costs a few tenths. The copy
is of exactly these migrations: its name carries the digest of every migration file and of the
lock file. The tests still run `migrate` on it, so a mistake here costs time and hides nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.embedded.lock import FolderLock
from config.embedded.postgres import EmbeddedPostgres

NAME = "second_look"


def copy_migrated(folder: Path, *, checkout: Path, keep: Path) -> bool:
    """Put a migrated data folder at `folder`, made now if these migrations are new.

    `keep` is where it stays for the next run. False: the migrations do not run, and the tests will
    say so in their own words.
    """
    kept = keep / f"migrated-{migrations_digest(checkout)}"
    with FolderLock(keep / "migrated.lock") as gate:
        gate.acquire(wait=True)
        if not kept.exists():
            for old in keep.glob("migrated-*"):
                shutil.rmtree(old, ignore_errors=True)
            if not _migrate(kept.with_suffix(".partial"), checkout=checkout):
                return False
            kept.with_suffix(".partial").rename(kept)
        subprocess.run(["cp", "-a", kept, folder], check=True)  # noqa: S603, S607
    return True


def migrations_digest(checkout: Path) -> str:
    """Names the state of the migrations: those of the checkout and those of its packages."""
    digest = hashlib.sha256((checkout / "requirements/dev.txt").read_bytes())
    for path in sorted(checkout.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(checkout)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(data: Path, *, checkout: Path) -> bool:
    from config.embedded.throwaway import SETTINGS

    with EmbeddedPostgres(data, log=data.with_suffix(".log"), settings=SETTINGS) as server:
        server.ensure_database(role=NAME, database=NAME)
        outcome = subprocess.run(  # our own command line
            [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
            cwd=checkout,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": server.url(role=NAME, database=NAME),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    return outcome.returncode == 0
