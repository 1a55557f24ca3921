"""What the demo writes to the terminal: its own lines, the servers' logs, the table of sign-ins."""

import json
import os
import sys
from pathlib import Path
from typing import Any


class Screen:
    """Standard output that may go away (a closed terminal) without stopping an orderly stop."""

    def __init__(self) -> None:
        self._logs: dict[str, tuple[Path, int]] = {}

    def say(self, line: str = "") -> None:
        """Write one line now."""
        try:
            print(line, flush=True)
        except OSError:
            self._go_silent()

    def refuse(self, sentence: str) -> None:
        """Say why the demo does not run."""
        try:
            print(f"\n{sentence}", file=sys.stderr, flush=True)
        except OSError:
            self._go_silent()

    def follow(self, name: str, log: Path) -> None:
        """From now on show what is added to a log, behind the name of who wrote it."""
        self._logs[name] = (log, log.stat().st_size if log.exists() else 0)

    def show_logs(self) -> None:
        """Write the whole lines that were added since the last call."""
        for name, (log, seen) in self._logs.items():
            if not log.exists():
                continue
            with log.open("rb") as file:
                file.seek(seen)
                text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._logs[name] = (log, seen + len(whole))
            for line in whole.decode(errors="replace").splitlines():
                self.say(f"{name:<10} {line}")

    def show_sign_ins(self, path: Path) -> None:
        """The table of who may sign in, from the file that filling the clinic wrote."""
        facts: dict[str, Any] = json.loads(path.read_text())
        columns = ("email", "password", "role", "organisation")
        rows = [["e-mail", "password", "role", "hospital"]]
        rows += [[str(user.get(name, "")) for name in columns] for user in facts["users"]]
        widths = [max(len(row[column]) for row in rows) for column in range(len(columns))]
        for row in rows:
            cells = zip(row, widths, strict=True)
            self.say("  " + "  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip())
        if client := facts.get("api_client"):
            self.say(f"\n  API client {client['client_id']}, secret in {path}")

    def _go_silent(self) -> None:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # until the end
