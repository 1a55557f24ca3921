"""`python -m config.demo`: start everything, stay in the foreground, stop everything."""

import argparse
import sys
from pathlib import Path

from config.demo.clinic import DemoClinic
from config.demo.screen import Screen
from config.demo.stop import Stopped, StopRequest
from config.embedded.errors import EmbeddedServerError

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until it is told to stop; 0 after an orderly stop, 1 after a refusal."""
    options = parse(arguments)
    screen = Screen()
    stop = StopRequest(with_parent=options.stop_with_parent)
    stop.listen()
    clinic = DemoClinic(
        port=options.port,
        data=options.data.resolve(),
        project=options.project.resolve(),
        forgetful=options.forgetful,
        screen=screen,
        stop=stop,
    )
    try:
        clinic.run()
    except Stopped:
        screen.say("Stopped. Nothing is left running; “make demo” takes up where you left off.")
    except EmbeddedServerError as error:
        screen.refuse(str(error))
        return 1
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; a port that is no port is refused here."""
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("--port", type=port, default=8000, help="where the web server listens")
    parser.add_argument(
        "--data", type=Path, default=CHECKOUT / "var/demo", help="where the demo keeps its data"
    )
    parser.add_argument("--project", type=Path, default=CHECKOUT, help="the folder with manage.py")
    parser.add_argument(
        "--stop-with-parent",
        action="store_true",
        help="stop when the program that started this one (make) ends or is interrupted",
    )
    parser.add_argument(
        "--forgetful",
        action="store_true",
        help="do not wait for the disk: quicker, and a power cut may cost the data (for tests)",
    )
    return parser.parse_args(arguments)


def port(text: str) -> int:
    """A TCP port that a person may choose."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: use a number from 1024 to 65535.")
    return number


if __name__ == "__main__":
    sys.exit(main())
