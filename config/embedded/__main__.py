"""Run a command beside an empty PostgreSQL and Valkey that end with it.

python -m config.embedded python manage.py makemigrations --check
"""

import os
import subprocess
import sys

from config.embedded.errors import EmbeddedServerError
from config.embedded.throwaway import throwaway_servers


def main(command: list[str]) -> int:
    """Run `command` with DATABASE_URL, BROKER_URL and CACHE_URL set; returns its exit status."""
    if not command:
        print("Usage: python -m config.embedded COMMAND [ARGUMENT ...]", file=sys.stderr)
        return 2
    try:
        with throwaway_servers() as addresses:
            return subprocess.run(command, env=os.environ | addresses, check=False).returncode  # noqa: S603
    except EmbeddedServerError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
