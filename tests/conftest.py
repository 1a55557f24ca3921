"""Fixtures for every test: the S3 server that a test may ask for.

PostgreSQL and Valkey run before any of this: see config/embedded/pytest_plugin.py.
"""

import uuid
from collections.abc import Iterator

import pytest

from config.embedded.object_store import Bucket, EmbeddedObjectStore


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedObjectStore]:
    """A running S3 server that checks signatures and policies; started by the first who asks."""
    with EmbeddedObjectStore(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: EmbeddedObjectStore) -> Bucket:
    """An empty private bucket of this test's own, with the credentials of its only user."""
    return s3_server.make_bucket(f"images-{uuid.uuid4().hex[:12]}")
