"""A PostgreSQL and a Valkey for one run of something: a test run, a check, a measurement."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from config.embedded.postgres import FORGETFUL, EmbeddedPostgres
from config.embedded.run_folder import run_folder
from config.embedded.valkey import EmbeddedValkey

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ADDRESSES = ("DATABASE_URL", "BROKER_URL", "CACHE_URL")
NAME = "second_look"
SETTINGS = FORGETFUL | {"shared_buffers": "64MB", "max_wal_size": "1GB"}


@contextlib.contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """Start both in a folder of this run below `var/test`; yields the settings that name them.

    They stop, and the folder goes, with the `with` block or with this process.
    """
    with (
        run_folder(CHECKOUT / "var/test") as folder,
        EmbeddedPostgres(
            folder / "postgres", log=folder / "postgres.log", settings=SETTINGS
        ) as postgres,
        EmbeddedValkey(folder / "valkey", log=folder / "valkey.log", durable=False) as valkey,
    ):
        postgres.ensure_database(role=NAME, database=NAME)
        yield {
            "DATABASE_URL": postgres.url(role=NAME, database=NAME),
            "BROKER_URL": valkey.broker_url,
            "CACHE_URL": valkey.cache_url,
        }
