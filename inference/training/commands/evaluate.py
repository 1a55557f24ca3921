"""``evaluate``: a package measured on labelled images, as report.json and report.html."""

import argparse
from pathlib import Path

from inference.training.commands import say
from inference.training.commands.images_of_a_package import add_package_and_images
from inference.training.records import DataError


def add_options(parser: argparse.ArgumentParser) -> None:
    add_package_and_images(parser)
    parser.add_argument("--labels", type=Path, required=True, help="CSV with image_id and dx")
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument("--split", type=Path, help="split.json, to evaluate one part of it")
    parser.add_argument("--part", default="test", help="the part of the split (%(default)s)")


def run(options: argparse.Namespace) -> None:
    from inference.training.evaluate_package import evaluate_package
    from inference.training.folder_predictions import open_classifier
    from inference.training.splits import Split

    part = None
    if options.split:
        parts = Split.read(options.split).parts
        if options.part not in parts:
            raise DataError(f"The split has no part {options.part}; it has {', '.join(parts)}.")
        part = frozenset(parts[options.part])
    report = evaluate_package(
        open_classifier(options.package, device=options.device, onnx=options.onnx),
        images=options.images,
        labels=options.labels,
        out=options.out,
        part=part,
    )
    say(
        f"{report['images']} images: balanced accuracy {report['balanced_accuracy']}, "
        f"macro AUC {report['macro_auc']}. Written: {options.out / 'report.html'}"
    )
