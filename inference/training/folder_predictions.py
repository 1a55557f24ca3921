"""A package's answers for many image files: decoding in threads beside the forward passes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.engine.classifier import Answer, Classifier
from inference.engine.package import open_package
from inference.engine.preprocess import UnreadableImageError, load_image
from inference.engine.runtime import choose_runtime

Decoded = NDArray[np.uint8] | str  # an image, or the sentence why there is none


def open_classifier(package: Path, *, device: str, onnx: Path | None = None) -> Classifier:
    """The package on the runtime for this device. Raises PackageError."""
    opened = open_package(package)
    return Classifier(opened, choose_runtime(opened, device=device, onnx_path=onnx))


def answer_files(
    classifier: Classifier, paths: Sequence[Path]
) -> Iterator[tuple[Path, Answer | str]]:
    """Each file's answer, in order, or one sentence saying why it has none."""
    size, batch = classifier.package.preprocessing.size, classifier.runtime.batch_size
    starts = range(0, len(paths), batch)
    with ThreadPoolExecutor() as pool, tqdm(total=len(paths), unit=" images") as bar:
        decode = [pool.submit(_decode, path, size) for path in paths[:batch]]
        for start in starts:
            # The next batch is decoded while this one is classified.
            following = paths[start + batch : start + 2 * batch]
            next_decode = [pool.submit(_decode, path, size) for path in following]
            yield from _answer_batch(classifier, paths[start : start + batch], decode)
            bar.update(len(decode))
            decode = next_decode


def _answer_batch(
    classifier: Classifier, paths: Sequence[Path], decode: Sequence["Future[Decoded]"]
) -> Iterator[tuple[Path, Answer | str]]:
    decoded = [future.result() for future in decode]
    images = [image for image in decoded if not isinstance(image, str)]
    answers = iter(classifier.classify(images))
    for path, image in zip(paths, decoded, strict=True):
        yield path, image if isinstance(image, str) else next(answers)


def _decode(path: Path, size: int) -> Decoded:
    try:
        return load_image(path, size)
    except UnreadableImageError as error:
        return str(error)
