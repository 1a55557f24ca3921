"""``predict``: a package's answer to every image of a folder and its subfolders, as a CSV.

The CSV appears when it is complete; an interrupted run goes on where it was.
"""

import argparse
from pathlib import Path

from inference.training.commands import say
from inference.training.commands.images_of_a_package import add_package_and_images


def add_options(parser: argparse.ArgumentParser) -> None:
    add_package_and_images(parser)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def run(options: argparse.Namespace) -> None:
    from inference.training.folder_predictions import open_classifier
    from inference.training.predictions_csv import write_predictions

    classifier = open_classifier(options.package, device=options.device, onnx=options.onnx)
    written = write_predictions(classifier, options.images, options.out)
    say(f"Written: {options.out}, {written.images} images.")
    if written.answered_before:
        say(f"{written.answered_before} of them had been answered before an interruption.")
    if written.without_answer:
        say(f"{written.without_answer} of them have no answer: see the column error.")
    if written.of_one_name:
        say(f"{written.of_one_name} of them share their name with another: see the column file.")
