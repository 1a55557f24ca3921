"""One forward pass a batch, and what is said of an image or a model that could not be used."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded
from numpy.typing import NDArray
from PIL import Image

from inference.engine.classifier import Answer, Classifier
from inference.engine.image_statistics import image_statistics
from inference.engine.package import PackageError
from inference.models import ModelVersion, PredictionState
from inference.models.image_features import MOST_FEATURES
from inference.services.leases import ClaimedRow
from inference.services.outcomes import Outcome

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = "The worker ran out of memory while it answered this image."
UNEXPECTED = "The model could not answer this image; the worker's log says why."


def classify_each(
    classifier: Classifier, rows: Sequence[ClaimedRow], images: Sequence[NDArray[np.uint8]]
) -> list[Outcome]:
    """Answer the rows in one forward pass; if that fails, one by one: only the cause fails."""
    if not rows:
        return []
    try:
        answers = classifier.classify(images)
        return [
            answered(row, answer, image)
            for row, answer, image in zip(rows, answers, images, strict=True)
        ]
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        if len(rows) == 1:
            logger.exception("No answer to prediction %s", rows[0].pk)
            return [Outcome.troubled(rows[0], _reason(error))]
        logger.warning("A batch of %s failed and is answered one by one: %s", len(rows), error)
    return [
        outcome
        for row, image in zip(rows, images, strict=True)
        for outcome in classify_each(classifier, [row], [image])
    ]


def answered(row: ClaimedRow, answer: Answer, image: NDArray[np.uint8]) -> Outcome:
    """The row's new state after an answer. Raises ValueError if a probability is no number."""
    numbers = [*answer.probabilities.values(), answer.malignancy]
    if answer.strangeness is not None:
        numbers.append(answer.strangeness)
    if not np.isfinite(numbers).all():
        msg = "The network's answer is not finite."
        raise ValueError(msg)
    return Outcome(
        row.pk,
        PredictionState.SUCCEEDED,
        probabilities=answer.probabilities,
        top_class=answer.likeliest,
        malignancy=answer.malignancy,
        uncertainty=answer.uncertainty,
        called=answer.called,
        plausible=answer.plausible,
        strangeness=answer.strangeness,
        features=unit_length(answer.features),
        projection=answer.projection or None,
        statistics=measured(image),
        saliency=greyscale_png(answer.activation),
    )


def measured(image: NDArray[np.uint8]) -> dict[str, float] | None:
    """The image's statistics; None where they fail, which is no reason to withhold an answer."""
    try:
        return asdict(image_statistics(image))
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        logger.exception("An image could not be measured")
        return None


def unit_length(features: NDArray[np.float32] | None) -> list[float] | None:
    """Features (F,) divided by their length, so that a product of two is the cosine between them.

    None where there are none that could be compared.
    """
    if features is None or not 1 <= features.size <= MOST_FEATURES:
        return None
    length = float(np.linalg.norm(features.astype(np.float64)))
    if not np.isfinite(length) or length == 0:
        return None
    unit: list[float] = (features / length).astype(np.float32).tolist()
    return unit


def greyscale_png(activation: NDArray[np.float32]) -> bytes:
    """The class activation map as it comes from the network: some hundred bytes, white is 1."""
    stream = BytesIO()
    Image.fromarray((activation * 255).round().astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def unusable_model(row: ClaimedRow, version: ModelVersion, error: Exception) -> Outcome:
    """The row's new state where its model could not be loaded."""
    if isinstance(error, PackageError):
        return Outcome.failed(row, f"The model package of {version} is damaged. {error}")
    if isinstance(error, FileNotFoundError):
        return Outcome.failed(row, f"The model package of {version} is missing from storage.")
    if _is_memory(error):
        return Outcome.troubled(row, f"The worker ran out of memory while it loaded {version}.")
    return Outcome.troubled(row, f"{version} could not be loaded; the worker's log says why.")


def _reason(error: Exception) -> str:
    return OUT_OF_MEMORY if _is_memory(error) else UNEXPECTED


def _is_memory(error: Exception) -> bool:
    """Torch and ONNX Runtime raise their own classes; their words are alike."""
    words = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or "out of memory" in words
        or "bad_alloc" in words
        or ("failed to allocate memory" in words)
    )
