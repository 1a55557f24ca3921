"""``reference``: write into a package what its model learned from, for watching it in service.

The package answers a sample of its training images; histograms of the images, of their features and
of the answers go into a new package with a version of its own. Weights and answers do not change.
"""

import argparse
from pathlib import Path

from inference.training.commands import say


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("package", type=Path, help="folder or .zip file")
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        help="folder of training images (repeatable, each with its --metadata)",
    )
    parser.add_argument(
        "--metadata",
        type=Path,
        action="append",
        required=True,
        help="CSV with image_id (repeatable, in the order of --data)",
    )
    parser.add_argument("--split", type=Path, help="split.json, to take its part alone")
    parser.add_argument("--part", default="train", help="the part of the split (%(default)s)")
    parser.add_argument("--images", type=int, default=2000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of the sample (%(default)s)")
    parser.add_argument("--source", help="what the images are, in words (the package's sources)")
    parser.add_argument("--version", help="of the new package (the old one's, one patch later)")
    parser.add_argument("--out", type=Path, required=True, help="new folder or .zip file")
    parser.add_argument("--onnx", type=Path, help="keep the exported network here")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, torch-cpu (%(default)s)")


def run(options: argparse.Namespace) -> None:
    from inference.training.folder_predictions import open_classifier
    from inference.training.package_reference import (
        Sample,
        measure_reference,
        with_reference,
    )
    from inference.training.records import DataError

    if len(options.data) != len(options.metadata):
        raise DataError("Each --data needs its --metadata, in the same order.")
    sample = Sample.draw(
        list(zip(options.data, options.metadata, strict=True)),
        split=options.split,
        part=options.part,
        images=options.images,
        seed=options.seed,
    )
    classifier = open_classifier(options.package, device=options.device, onnx=options.onnx)
    reference = measure_reference(classifier, sample, source=options.source)
    package = with_reference(
        classifier.package, reference, target=options.out, version=options.version
    )
    say(
        f"{reference.images} images of {sample.of}: written {options.out}, "
        f"{package.name} {package.version}."
    )
