"""``evaluate``: a package measured on labelled images, as report.json and report.html."""

import argparse
from pathlib import Path

from inference.training.commands import say
from inference.training.commands.images_of_a_package import add_package_and_images


def add_options(parser: argparse.ArgumentParser) -> None:
    add_package_and_images(parser)
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        help="CSV with image_id and dx; lesion_id, dx_type, age, sex, localization and source are "
        "used where they are there",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument("--split", type=Path, help="split.json, to evaluate one part of it")
    parser.add_argument("--part", default="test", help="the part of the split (%(default)s)")
    parser.add_argument(
        "--label-map",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        type=_renaming,
        help="a label of the CSV and the class it means (repeatable)",
    )
    parser.add_argument(
        "--no-gallery",
        action="store_true",
        help="name the worst mistakes, but put no picture into the page",
    )


def run(options: argparse.Namespace) -> None:
    from inference.training.evaluate_package import Part, evaluate_package
    from inference.training.folder_predictions import open_classifier

    part = Part.read(options.split, options.part) if options.split else None
    report = evaluate_package(
        open_classifier(options.package, device=options.device, onnx=options.onnx),
        images=options.images,
        labels=options.labels,
        out=options.out,
        part=part,
        label_map=dict(options.label_map),
        gallery=not options.no_gallery,
    )
    for reason, count in _left_out(report["left_out"]).items():
        say(f"{count} images left out: {reason}.")
    say(
        f"{report['images']} images: balanced accuracy {report['balanced_accuracy']}, "
        f"macro AUC {report['macro_auc']}. Written: {options.out / 'report.html'}"
    )


def _left_out(left_out: dict[str, dict[str, int]]) -> dict[str, int]:
    labels = left_out["labels_unknown_to_the_model"]
    counts = {
        f"their label is no class of the model ({', '.join(labels)})": sum(labels.values()),
        "their file is missing": left_out["images_without_a_file"]["images"],
        "their file cannot be decoded": left_out["images_that_cannot_be_decoded"]["images"],
    }
    return {reason: count for reason, count in counts.items() if count}


def _renaming(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.partition("=")
    if not (theirs and equals and ours):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form theirs=ours")
    return theirs, ours
