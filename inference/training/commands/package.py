"""``package``: a finished run to a package that an installation can serve."""

import argparse
from pathlib import Path

from inference.training.commands.describe import describe


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "checkpoint", type=Path, help="checkpoint.pt of a finished run, or ensemble.json"
    )
    parser.add_argument("--out", type=Path, required=True, help="a new folder or a .zip file")
    parser.add_argument("--name", help="the model's name (the recipe's)")
    parser.add_argument("--version", default="1.0.0", help="the model's version (%(default)s)")
    parser.add_argument(
        "--test-time-augmentation", choices=("none", "d4"), help="in service (as the recipe says)"
    )
    parser.add_argument(
        "--weights", choices=("half", "int8"), default="half", help="as stored (%(default)s)"
    )
    parser.add_argument(
        "--trained-on",
        action="append",
        default=[],
        metavar="DATA",
        help="a source of the training images, for card and licence: ham10000, isic2017, or "
        "NAME=LICENCE; repeat it",
    )
    parser.add_argument(
        "--lineage",
        type=Path,
        metavar="JSON",
        help="an object that says which frozen data set, parent and run it comes from",
    )
    parser.add_argument("--note", default="", help="a sentence on the run, for the card")
    parser.add_argument(
        "--elsewhere",
        action="append",
        default=[],
        type=lambda text: text.partition("="),
        metavar="NAME=REPORT",
        help="report.json of the same weights on other images, for the card",
    )


def run(options: argparse.Namespace) -> None:
    from inference.training.data_sets import named_data_set
    from inference.training.ensemble import package_ensemble
    from inference.training.lineage import read_lineage
    from inference.training.packaging import package_checkpoint

    is_ensemble = options.checkpoint.suffix == ".json"
    package = (package_ensemble if is_ensemble else package_checkpoint)(
        options.checkpoint,
        options.out,
        name=options.name,
        version=options.version,
        test_time_augmentation=options.test_time_augmentation,
        eight_bits=options.weights == "int8",
        trained_on=[named_data_set(text) for text in options.trained_on],
        note=options.note,
        lineage=read_lineage(options.lineage),
        elsewhere={name: Path(path) for name, _, path in options.elsewhere},
    )
    describe(package)
