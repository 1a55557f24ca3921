"""How often the likeliest class is right, by the word for how sure the model is.

`python -m benchmarks.how_sure`, with HOW_SURE_IMAGES (a folder), HOW_SURE_LABELS (a CSV as HAM10000
has it) and HOW_SURE_SPLIT (a split.json that `inference.training train` wrote); without them there
is nothing to measure. BENCH_PACKAGE names another package. 500 images of each part, drawn at
random with a fixed seed; some minutes on 2 cores.
"""

import os
import random
import tempfile
from collections import Counter
from pathlib import Path

IMAGES = 500
PARTS = ("validation", "test")
CHECKOUT = Path(__file__).resolve().parent.parent
NEEDED = ("HOW_SURE_IMAGES", "HOW_SURE_LABELS", "HOW_SURE_SPLIT")


def main() -> None:
    """Answer the images of each part and print the share that is right, by word."""
    if missing := [name for name in NEEDED if name not in os.environ]:
        print(f"Not measured: {', '.join(missing)} not set.")
        return
    from inference.engine.classifier import Classifier
    from inference.engine.package import open_package
    from inference.engine.preprocess import load_image
    from inference.engine.runtime import choose_runtime, export_onnx
    from inference.sureness import sureness_of
    from inference.training.records import find_images, read_records
    from inference.training.splits import Split

    images, labels, split = (Path(os.environ[name]) for name in NEEDED)
    chosen = os.environ.get("BENCH_PACKAGE") or CHECKOUT / "inference/packages/resnet18"
    package = open_package(Path(chosen))
    label = {record.image_id: record.label for record in read_records(labels)}
    parts = Split.read(split).parts
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network.onnx"
        export_onnx(package, network)
        classifier = Classifier(package, choose_runtime(package, onnx_path=network, device="cpu"))
    for part in PARTS:
        keys = random.Random(1).sample(sorted(parts[part]), min(IMAGES, len(parts[part])))
        paths = find_images(images, keys)
        total, right = Counter[str](), Counter[str]()
        for key in keys:
            pixels = load_image(paths[key].read_bytes(), package.preprocessing.size)
            [answer] = classifier.classify([pixels])
            word = sureness_of(
                plausible=len(answer.plausible),
                uncertainty=answer.uncertainty,
                is_familiar=answer.strangeness is None or answer.strangeness <= 1,
            ).word
            total[word] += 1
            right[word] += answer.likeliest == label[key]
        print(f"{part}, {len(keys)} images: " + ", ".join(
            f"{word} {right[word] / total[word]:.1%} of {total[word]}"
            for word in ("Sure", "Fairly sure", "Unsure") if total[word]
        ))  # fmt: skip


if __name__ == "__main__":
    main()
