"""Gives every test run a PostgreSQL and a Valkey of its own, before Django reads its settings.

Loaded by `-p config.embedded.pytest_plugin` in pyproject.toml. The servers start in less than a
second in a folder of this run below `var/test`, so that any number of runs may go on in one
checkout; pytest-xdist's processes inherit the addresses and make a database each. A run that was
killed takes its servers with it, and the next run removes its folder.

Set DATABASE_URL, BROKER_URL and CACHE_URL to test against servers of your own instead.
"""

import contextlib
import os
from pathlib import Path

import pytest

from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import FORGETFUL, EmbeddedPostgres
from config.embedded.run_folder import run_folder
from config.embedded.valkey import EmbeddedValkey

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ADDRESSES = ("DATABASE_URL", "BROKER_URL", "CACHE_URL")
SMALL = FORGETFUL | {"shared_buffers": "64MB", "max_wal_size": "1GB"}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Start the servers where this run has none yet (runs before pytest-django's own hook)."""
    options = early_config.known_args_namespace
    if options.help or options.version or all(name in os.environ for name in ADDRESSES):
        return
    servers = contextlib.ExitStack()
    early_config.add_cleanup(servers.close)
    try:
        start_servers(servers)
    except (EmbeddedServerError, OSError) as error:
        raise pytest.UsageError(f"The servers for the tests did not start. {error}") from error


def start_servers(servers: contextlib.ExitStack) -> None:
    """Start PostgreSQL and Valkey, and put their addresses into the environment until the end."""
    folder = servers.enter_context(run_folder(CHECKOUT / "var/test"))
    postgres = servers.enter_context(
        EmbeddedPostgres(folder / "postgres", log=folder / "postgres.log", settings=SMALL)
    )
    postgres.ensure_database(role="second_look", database="second_look")
    valkey = servers.enter_context(
        EmbeddedValkey(folder / "valkey", log=folder / "valkey.log", durable=False)
    )
    addresses = {
        "DATABASE_URL": postgres.url(role="second_look", database="second_look"),
        "BROKER_URL": valkey.broker_url,
        "CACHE_URL": valkey.cache_url,
    }
    for name, address in addresses.items():
        os.environ[name] = address
        servers.callback(os.environ.pop, name, None)
