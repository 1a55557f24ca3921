"""Gives every test run a PostgreSQL and a Valkey of its own, before Django reads its settings.

Loaded by `-p config.embedded.pytest_plugin` in pyproject.toml. The servers start in about a second
in a folder of this run below `var/test`, so that any number of runs may go on in one checkout;
pytest-xdist's processes inherit the addresses and make a database each. A run that was killed
takes its servers with it, and the next run removes its folder.

Set DATABASE_URL, BROKER_URL and CACHE_URL to test against servers of your own instead.
"""

import contextlib
import os

import pytest

from config.embedded.errors import EmbeddedServerError
from config.embedded.throwaway import ADDRESSES, throwaway_servers


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Start the servers where this run has none yet, before pytest-django's own hook runs."""
    options = early_config.known_args_namespace
    if options.help or options.version or all(name in os.environ for name in ADDRESSES):
        return
    servers = contextlib.ExitStack()
    early_config.add_cleanup(servers.close)
    for name in (*ADDRESSES, "TEST_DATABASE_TEMPLATE", "TEST_FOLDER"):
        servers.callback(os.environ.pop, name, None)
    try:
        os.environ.update(servers.enter_context(throwaway_servers(migrated=True)))
    except (EmbeddedServerError, OSError) as error:
        raise pytest.UsageError(f"The servers for the tests did not start. {error}") from error
