"""Train, package, verify, predict and evaluate: ``python -m inference.training COMMAND --help``."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from inference.engine.package import PackageError
from inference.training.commands import COMMANDS
from inference.training.records import DataError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status. A refusal is one sentence on standard error.

    It is also written to the file that REFUSAL_FILE names, for whoever started the command: under
    torchrun the sentence is not the last of the words.
    """
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (DataError, PackageError) as error:
        # Of several processes that train together all meet it: one says it for its machine.
        if os.environ.get("LOCAL_RANK", "0") == "0":
            sys.stderr.write(f"{error}\n")
            if path := os.environ.get("REFUSAL_FILE"):
                Path(path).write_text(str(error), encoding="utf-8")
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        command = import_module(f"inference.training.commands.{name.replace('-', '_')}")
        options = commands.add_parser(name, help=purpose, description=command.__doc__)
        command.add_options(options)
        options.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
