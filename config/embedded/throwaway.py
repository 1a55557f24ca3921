"""A PostgreSQL and a Valkey for one run of something: a test run, a check, a measurement."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from config.embedded.postgres import FORGETFUL, EmbeddedPostgres
from config.embedded.run_folder import run_folder
from config.embedded.template import NAME, copy_migrated
from config.embedded.valkey import EmbeddedValkey

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ADDRESSES = ("DATABASE_URL", "BROKER_URL", "CACHE_URL")
SETTINGS = FORGETFUL | {"shared_buffers": "64MB", "max_wal_size": "1GB"}


@contextlib.contextmanager
def throwaway_servers(*, migrated: bool = False) -> Iterator[dict[str, str]]:
    """Start both in a folder of this run below `var/test`; yields the settings that name them.

    With `migrated`, the database has its tables already where the migrations run at all, and
    TEST_DATABASE_TEMPLATE says so. TEST_FOLDER is for other files of the run. All of it goes with
    the `with` block, or with this process.
    """
    keep = CHECKOUT / "var/test"
    with contextlib.ExitStack() as running:
        folder = running.enter_context(run_folder(keep))
        data = folder / "postgres"
        migrated = migrated and copy_migrated(data, checkout=CHECKOUT, keep=keep)
        postgres = running.enter_context(
            EmbeddedPostgres(data, log=folder / "postgres.log", settings=SETTINGS)
        )
        valkey = running.enter_context(
            EmbeddedValkey(folder / "valkey", log=folder / "valkey.log", durable=False)
        )
        postgres.ensure_database(role=NAME, database=NAME)
        yield ({"TEST_DATABASE_TEMPLATE": NAME} if migrated else {}) | {
            "DATABASE_URL": postgres.url(role=NAME, database=NAME),
            "BROKER_URL": valkey.broker_url,
            "CACHE_URL": valkey.cache_url,
            "TEST_FOLDER": str(folder),
        }
