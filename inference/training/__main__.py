"""The command line: ``python -m inference.training COMMAND --help``."""

import argparse
import sys
from pathlib import Path

from inference.training.records import DataError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _train(options: argparse.Namespace) -> None:
    import torch

    from inference.training.recipe import load_recipe
    from inference.training.run import train

    if options.threads:
        torch.set_num_threads(options.threads)
    recipe = load_recipe(options.recipe, options.set)
    checkpoint = train(
        recipe,
        images=options.data,
        metadata=options.metadata,
        out=options.out,
        initial_weights=options.init_weights,
        cache=options.cache,
        split=options.split,
        device=options.device,
    )
    sys.stdout.write(f"{checkpoint}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train a recipe, or go on with an unfinished run")
    train.add_argument("recipe", help="a file in inference/training/recipes, without .py")
    train.add_argument("--data", type=Path, required=True, help="folder of the images")
    train.add_argument("--metadata", type=Path, required=True, help="CSV with image_id and dx")
    train.add_argument("--out", type=Path, required=True, help="folder for checkpoint and split")
    train.add_argument("--init-weights", type=Path, help="state dict to start from")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    train.add_argument("--cache", type=Path, help="folder for decoded images (OUT/cache)")
    train.add_argument("--split", type=Path, help="a split.json to use instead of a new split")
    train.add_argument("--device", default="cpu", help="cpu or cuda")
    train.add_argument("--threads", type=int, help="CPU threads (all cores)")
    train.set_defaults(command=_train)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
