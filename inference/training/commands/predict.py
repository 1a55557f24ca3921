"""``predict``: a package's answer to every image of a folder, as a CSV."""

import argparse
from pathlib import Path

from inference.training.commands import say
from inference.training.commands.images_of_a_package import add_package_and_images


def add_options(parser: argparse.ArgumentParser) -> None:
    add_package_and_images(parser)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def run(options: argparse.Namespace) -> None:
    from inference.training.folder_predictions import open_classifier, write_predictions

    classifier = open_classifier(options.package, device=options.device, onnx=options.onnx)
    failed = write_predictions(classifier, options.images, options.out)
    say(f"Written: {options.out}" + (f"; {failed} images have no answer." if failed else ""))
