"""Starts the demo's runner as a person would, and finds every process that it left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from config.embedded.throwaway import CHECKOUT

OPEN = "The clinic is open"


def wait_for(condition: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class RunningDemo:
    """One run of `python -m config.demo` with its output in a file."""

    def __init__(self, project: Path, data: Path, *, port: int | None = None) -> None:
        self.project = project
        self.data = data
        self.port = port or free_port()
        self.mark = f"SECOND_LOOK_TEST_MARK={uuid.uuid4().hex}"
        self.output_file = project / f"output-{uuid.uuid4().hex}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "config.demo", "--port", str(self.port)),
            *("--data", str(self.data), "--project", str(self.project)),
            "--forgetful",
        ]

    @property
    def environment(self) -> dict[str, str]:
        name, value = self.mark.split("=")
        return os.environ | {name: value, "PYTHONPATH": str(CHECKOUT)}

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    @property
    def exit_code(self) -> int:
        assert self.process is not None
        return self.process.wait(60)

    def start(self, command: Sequence[str] | None = None) -> Self:
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                command or self.command,
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A shell that runs the tests in the background has them ignore Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )
        return self

    def opened(self) -> Self:
        """Start it if need be, and wait until it says that the clinic is open."""
        process = (self if self.process else self.start()).process
        assert process is not None
        wait_for(lambda: OPEN in self.output or process.poll() is not None)
        assert OPEN in self.output, self.output
        return self

    def send(self, signum: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(signum)

    def left_running(self) -> list[str]:
        """The command lines of the living processes that descend from this run."""
        return [command for _, command in self.family()]

    def family(self) -> list[tuple[int, str]]:
        """Process id and command line of everything that this run started.

        They inherited its mark, or work in its data folder: PostgreSQL writes its title over its
        environment.
        """
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                marked = self.mark.encode() in (folder / "environ").read_bytes()
                if marked or (folder / "cwd").readlink().is_relative_to(self.data):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append((int(folder.name), command))
            except OSError:
                continue
        return found

    def end(self) -> None:
        """After the test: leave nothing, whatever the test found."""
        for pid, _ in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait()
