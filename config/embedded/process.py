"""A server as a child process: apart from the terminal, stopped in order, never orphaned."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from config.embedded.account import Account
from config.embedded.errors import EmbeddedServerError

PR_SET_PDEATHSIG = 1


def die_with_parent(signum: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before exec so that Linux sends it `signum` when its parent ends.

    This holds even where the parent was killed with SIGKILL. Other systems have no such call:
    there, a parent that is killed outright leaves its servers behind.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(signum))

    return ask_kernel


class ServerProcess:
    """One child with its log file.

    It gets a session of its own: Ctrl-C in the terminal reaches only the parent, which then stops
    its children in the right order (a worker before its broker, PostgreSQL last).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = dict(os.environ if env is None else env)
        self.folder = folder
        self.account = account
        self.stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

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
        """Start the program; raises EmbeddedServerError where it is missing or may not run."""
        who = {} if self.account is None else self.account.popen_arguments()
        try:
            with self.log.open("ab") as log:
                self._log_start = log.tell()
                self._process = subprocess.Popen(  # noqa: S603  # our own command line
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self.env,
                    cwd=self.folder,
                    start_new_session=True,
                    preexec_fn=die_with_parent(self.stop_signal),  # noqa: PLW1509  # one syscall
                    **who,
                )
        except OSError as error:
            raise EmbeddedServerError(
                f"{self.name} could not be started: {error.filename}: {error.strerror}."
            ) from error

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit status, or None while it runs (or has not been started)."""
        return None if self._process is None else self._process.poll()

    def is_running(self) -> bool:
        """Whether the child is alive."""
        return self._process is not None and self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait for `ready`; raises EmbeddedServerError, with the log's end, where it never is."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running():
                raise EmbeddedServerError(
                    f"{self.name} ended as it started. Its last words ({self.log}):\n"
                    f"{self.log_tail()}"
                )
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"{self.name} was not ready after {seconds:.0f} s. See {self.log}.\n"
                    f"{self.log_tail()}"
                )
            time.sleep(0.02)

    def log_tail(self, lines: int = 12) -> str:
        """The last lines that this run wrote into its log."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, *, seconds: float = 15) -> None:
        """Ask once, wait, then kill what is left of the child's process group."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(self.stop_signal)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._signal_group(signal.SIGKILL)
                process.wait()
        self._signal_group(signal.SIGKILL)  # a pool's children, if their master died first
        self._process = None

    def _signal_group(self, signum: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signum)
