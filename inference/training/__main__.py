"""Train, package, verify, predict and evaluate: ``python -m inference.training COMMAND --help``."""

import argparse
import sys
from pathlib import Path

from inference.engine.package import Package, PackageError, open_package
from inference.training.records import DataError

# torch and its friends are imported by the commands that use them, so --help and a refused
# package answer at once.


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status. A refusal is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (DataError, PackageError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _train(options: argparse.Namespace) -> None:
    import torch

    from inference.training.recipe import load_recipe
    from inference.training.run import train

    if options.threads:
        torch.set_num_threads(options.threads)
    checkpoint = train(
        load_recipe(options.recipe, options.set),
        images=options.data,
        metadata=options.metadata,
        out=options.out,
        initial_weights=options.init_weights,
        cache=options.cache,
        split=options.split,
        device=options.device,
    )
    _say(f"Trained: {checkpoint}")


def _package(options: argparse.Namespace) -> None:
    from inference.training.packaging import package_checkpoint

    package = package_checkpoint(
        options.checkpoint,
        options.out,
        name=options.name,
        version=options.version,
        test_time_augmentation=options.test_time_augmentation,
        note=options.note,
        elsewhere={name: Path(path) for name, _, path in options.elsewhere},
    )
    _describe(package)


def _verify(options: argparse.Namespace) -> None:
    """Open, load into both runtimes and compare them: all that an installation checks."""
    package = open_package(options.package)
    _describe(package)
    if options.quick:
        return
    import tempfile

    from inference.engine.runtime import check_agreement, export_onnx

    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network.onnx"
        export_onnx(package, network)
        difference = check_agreement(package, network)
    _say(f"ONNX Runtime and torch agree within {difference:.1e} in every class probability.")


def _predict(options: argparse.Namespace) -> None:
    from inference.training.folder_predictions import open_classifier, write_predictions

    classifier = open_classifier(options.package, device=options.device, onnx=options.onnx)
    failed = write_predictions(classifier, options.images, options.out)
    _say(f"Written: {options.out}" + (f"; {failed} images have no answer." if failed else ""))


def _evaluate(options: argparse.Namespace) -> None:
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
    _say(
        f"{report['images']} images: balanced accuracy {report['balanced_accuracy']}, "
        f"macro AUC {report['macro_auc']}. Written: {options.out / 'report.html'}"
    )


def _describe(package: Package) -> None:
    _say(f"{package.name} {package.version}: {package.metadata.description}")
    _say(f"Digest {package.digest}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands.add_parser("train", help="train a recipe, or go on with an unfinished run"))
    package = commands.add_parser("package", help="make a package of a finished run")
    package.add_argument("checkpoint", type=Path, help="checkpoint.pt of a finished run")
    package.add_argument("--out", type=Path, required=True, help="a new folder or a .zip file")
    package.add_argument("--name", default="resnet18", help="the model's name (%(default)s)")
    package.add_argument("--version", default="1.0.0", help="the model's version (%(default)s)")
    package.add_argument(
        "--test-time-augmentation", choices=("none", "d4"), default="none", help="(%(default)s)"
    )
    package.add_argument("--note", default="", help="a sentence on the run, for the card")
    package.add_argument(
        "--elsewhere",
        action="append",
        default=[],
        type=lambda text: text.partition("="),
        metavar="NAME=REPORT",
        help="report.json of the same weights on other images, for the card",
    )
    package.set_defaults(command=_package)
    verify = commands.add_parser("verify", help="check a package as an installation does")
    verify.add_argument("package", type=Path, help="folder or .zip file")
    verify.add_argument("--quick", action="store_true", help="files only; load no network")
    verify.set_defaults(command=_verify)
    predict = commands.add_parser("predict", help="answer every image of a folder")
    _add_package_and_images(predict)
    predict.add_argument("--out", type=Path, required=True, help="the CSV to write")
    predict.set_defaults(command=_predict)
    evaluate = commands.add_parser("evaluate", help="measure a package on labelled images")
    _add_package_and_images(evaluate)
    evaluate.add_argument("--labels", type=Path, required=True, help="CSV with image_id and dx")
    evaluate.add_argument("--out", type=Path, required=True, help="folder for the report")
    evaluate.add_argument("--split", type=Path, help="split.json, to evaluate one part of it")
    evaluate.add_argument("--part", default="test", help="the part of the split (%(default)s)")
    evaluate.set_defaults(command=_evaluate)
    return parser


def _add_train(train: argparse.ArgumentParser) -> None:
    train.add_argument("recipe", help="a file in inference/training/recipes, without .py")
    train.add_argument("--data", type=Path, required=True, help="folder of the images")
    train.add_argument("--metadata", type=Path, required=True, help="CSV with image_id and dx")
    train.add_argument("--out", type=Path, required=True, help="folder for checkpoint and split")
    train.add_argument("--init-weights", type=Path, help="state dict to start from")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change the recipe, such as dropout=0.3, stages=2@96,1@128, augmentation.hue=0.1",
    )
    train.add_argument("--cache", type=Path, help="folder for decoded images (OUT/cache)")
    train.add_argument("--split", type=Path, help="a split.json to use instead of a new split")
    train.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")
    train.add_argument("--threads", type=int, help="CPU threads (as many as cores)")
    train.set_defaults(command=_train)


def _add_package_and_images(command: argparse.ArgumentParser) -> None:
    command.add_argument("--package", type=Path, required=True, help="folder or .zip file")
    command.add_argument("--images", type=Path, required=True, help="folder of images, any size")
    command.add_argument("--onnx", type=Path, help="keep the exported network here")
    command.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, torch-cpu (%(default)s)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
