"""Fixtures for every test, and the line that says loudly what was not tested.

PostgreSQL and Valkey run before any of this: see config/embedded/pytest_plugin.py.
"""

import uuid
from collections.abc import Iterator

import pytest

from config.embedded.object_store import Bucket, EmbeddedObjectStore

pytest_plugins = ["tests.cast"]

NO_CHROMIUM = "no Chromium on this machine"


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedObjectStore]:
    """A running S3 server that checks signatures and policies; started by the first who asks."""
    with EmbeddedObjectStore(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: EmbeddedObjectStore) -> Bucket:
    """An empty private bucket of this test's own, with the credentials of its only user."""
    return s3_server.make_bucket(f"images-{uuid.uuid4().hex[:12]}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where nobody overlooks it: the pages were not opened in a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_sep("!", red=True, bold=True)
        terminalreporter.write_line(
            f"NOT TESTED: {count} browser tests were skipped, because there is {NO_CHROMIUM}. "
            "Install it (Debian: apt-get install chromium) or name it: CHROMIUM=/path/to/chromium",
            red=True,
            bold=True,
        )
        terminalreporter.write_sep("!", red=True, bold=True)
