"""`python lifeline.py COMMAND …`: run a command that does not outlive whoever started this.

The starter holds the other end of this process's standard input. However the starter ends (also by
SIGKILL), the kernel closes it, and this process ends the whole process group: a training that
nobody watches would keep a GPU busy for days.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

SECONDS_TO_STOP = 10
POLITENESS = 10  # what people wait for, on the same machine, goes first


def main(command: list[str]) -> int:
    """The command's exit status."""
    os.nice(POLITENESS)
    # Told to stop with its group: the command is told as well, and this one waits for it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  # our own command line
    is_orphan = threading.Event()
    threading.Thread(target=_end_with_starter, args=[child, is_orphan], daemon=True).start()
    status = child.wait()
    if is_orphan.is_set():
        _end_group()
    return status


def _end_with_starter(child: "subprocess.Popen[bytes]", is_orphan: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    is_orphan.set()
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(SECONDS_TO_STOP)
    _end_group()


def _end_group() -> None:
    """Whatever the command has started, and this process as well."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.exit(status if status >= 0 else 128 - status)
