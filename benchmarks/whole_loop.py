"""The whole loop on a folder of real images in HAM10000's layout, once, with its figures.

`python -m config.embedded python -m benchmarks.whole_loop --images DIR --metadata CSV --out JSON`.
People are simulated: each of two readers calls what the file says in 85 of 100 lesions, whoever
decides between them in 95. Training takes most of the time.
"""

import argparse
import csv
import json
import random
import tempfile
from pathlib import Path

from benchmarks._service import clinic_in_a_folder
from benchmarks._whole_loop import Walk

RECIPE = "resnet18"


def sample(metadata: Path, target: Path, *, lesions_seed: int) -> None:
    """The file's lesions in a random order, with all their images together."""
    with metadata.open(newline="") as file:
        rows = list(csv.DictReader(file))
    lesions: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        lesions.setdefault(row["lesion_id"], []).append(row)
    order = list(lesions.values())
    random.Random(lesions_seed).shuffle(order)
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(row for lesion in order for row in lesion)


def main() -> None:
    """Walk, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--metadata", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a JSON file for the figures")
    parser.add_argument("--first", type=int, default=1000, help="images of the first version")
    parser.add_argument("--second", type=int, default=2000, help="images by the second version")
    parser.add_argument("--shadowed", type=int, default=100, help="new images for the shadow")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    with clinic_in_a_folder() as folder, tempfile.TemporaryDirectory() as scratch:
        metadata = Path(scratch) / "metadata.csv"
        sample(options.metadata, metadata, lesions_seed=1)
        walk = Walk.begin(metadata, second_reads=20)
        try:
            _walk(walk, options, metadata, folder)
        finally:
            content = {"seconds": walk.seconds, "figures": walk.figures}
            options.out.write_text(json.dumps(content, indent=1, default=str))


def _walk(walk: Walk, options: argparse.Namespace, metadata: Path, folder: Path) -> None:
    from inference.services import activate_model

    images, settings = options.images, options.set
    with walk.step("import, first half"):
        walk.bring_in(images, metadata, limit=options.first)
    with walk.step("read and sign, first half"):
        walk.read_everything()
    with walk.step("seal"):
        walk.seal(0.25)
    with walk.step("freeze, version 1"):
        first_version = walk.freeze()
    with walk.step("train on version 1"):
        first = walk.retrain(first_version, recipe=RECIPE, settings=settings)
    activate_model(version=first, actor=walk.administrator)
    with walk.step("import, second half"):
        walk.bring_in(images, metadata, limit=options.second)
    with walk.step("answer the second half"):
        walk.answer()
    with walk.step("read and sign, second half"):
        walk.read_everything()
    shown = walk.what_was_shown()
    with walk.step("freeze, version 2"):
        second_version = walk.freeze()
    walk.count_labels()
    for name in ("isic", "monai", "huggingface", "coco"):
        with walk.step(f"export {name}"):
            walk.export(second_version, name, folder / f"{name}.zip")
    with walk.step("train on version 2"):
        second = walk.retrain(second_version, recipe=RECIPE, settings=settings)
    with walk.step("compare on the sealed test set"):
        comparison = walk.compare(second)
    with walk.step("shadow"):
        limit = options.second + options.shadowed
        walk.shadow(second, images, metadata, limit)
    with walk.step("activate and roll back"):
        walk.promote_and_roll_back(second, comparison)
    assert walk.what_was_shown() == shown, "what readers were shown has changed"


if __name__ == "__main__":
    main()
