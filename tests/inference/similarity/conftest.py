"""pgvector in the test database, where the server has it and its superuser lets us in."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection


@pytest.fixture(scope="session")
def _superuser(django_db_setup: None) -> Iterator["psycopg.Connection | None"]:
    """The product's own role may not create extensions on the embedded server."""
    settings = connection.settings_dict
    try:
        superuser = psycopg.connect(
            dbname=str(settings["NAME"]), host=str(settings["HOST"]), port=settings["PORT"] or None,
            user="postgres", autocommit=True, connect_timeout=5,
        )  # fmt: skip
    except psycopg.OperationalError:
        yield None
        return
    with superuser:
        superuser.execute("SET lock_timeout = '5s'")
        yield superuser


@pytest.fixture
def pgvector(_superuser: "psycopg.Connection | None", db: None) -> Iterator[None]:
    """The extension, for this test alone. Skips loudly where there is none to be had."""
    if _superuser is None:
        pytest.skip("nobody here may create pgvector")
    try:
        _superuser.execute("CREATE EXTENSION vector")
    except psycopg.errors.UndefinedFile:
        pytest.skip("this PostgreSQL has no pgvector")
    yield
    _superuser.execute("DROP EXTENSION vector")


@pytest.fixture(params=["memory", "pgvector"])
def search(request: pytest.FixtureRequest) -> str:
    """The test runs once with each way of looking."""
    if request.param == "pgvector":
        request.getfixturevalue("pgvector")
    return str(request.param)
