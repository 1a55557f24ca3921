"""How the demo hears that it should stop: Ctrl-C, a signal, a closed terminal, or make's end."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from config.embedded.process import PR_SET_PDEATHSIG


class Stopped(Exception):  # not an error: somebody asked for it
    """The demo was asked to stop."""


class StopRequest:
    """A flag that signals raise and every waiting loop looks at.

    A flag, and no exception from the signal handler, so that a signal never falls between starting
    a server and remembering that it has been started. A second Ctrl-C changes nothing.
    """

    def __init__(self, *, with_parent: bool = False) -> None:
        self.requested = False
        self._parent = os.getppid() if with_parent else None
        self._parent_heeded_interrupts = with_parent and _catches_interrupts(os.getppid())

    def listen(self) -> None:
        """Take SIGINT, SIGTERM and SIGHUP as a request to stop, and watch the parent if asked."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._hear)
        if self._parent is not None and sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))

    def check(self) -> None:
        """Raise Stopped once somebody has asked for it."""
        self.requested = self.requested or self._parent_is_leaving()
        if self.requested:
            raise Stopped

    def _hear(self, signum: int, frame: FrameType | None) -> None:
        self.requested = True

    def _parent_is_leaving(self) -> bool:
        if self._parent is None:
            return False
        if os.getppid() != self._parent:
            return True
        # GNU make that receives SIGINT alone (`kill -INT`, not Ctrl-C) waits for its child without
        # telling it. It puts the signal back to its default first: that can be seen.
        return self._parent_heeded_interrupts and not _catches_interrupts(self._parent)


def _catches_interrupts(pid: int) -> bool:
    """Whether a process has a handler for SIGINT (Linux only; elsewhere False)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)
