"""``verify``: open a package, load it into both runtimes and compare them."""

import argparse
from pathlib import Path

from inference.engine.package import open_package
from inference.training.commands import say
from inference.training.commands.describe import describe


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("package", type=Path, help="folder or .zip file")
    parser.add_argument("--quick", action="store_true", help="files only; load no network")


def run(options: argparse.Namespace) -> None:
    """All that an installation checks."""
    package = open_package(options.package)
    describe(package)
    if options.quick:
        return
    import tempfile

    from inference.engine.runtime import (
        check_agreement,
        choose_runtime,
        export_onnx,
        is_numpy_only,
    )

    if is_numpy_only(package):
        choose_runtime(package)
        say("The trees are whole; numpy answers with them on any device, nothing is exported.")
        return

    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network.onnx"
        export_onnx(package, network)
        difference = check_agreement(package, network)
    say(f"ONNX Runtime and torch agree within {difference:.1e} in every class probability.")
