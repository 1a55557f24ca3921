"""Confirmed lesions that look like the one at hand, as the network sees them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from clinic.models import CaseState, LesionImage, PathologyResult
from clinic.selectors import visible_cases, visible_images
from inference.models import ImageFeatures, ModelState, Prediction, PredictionState
from inference.selectors.confirmations import confirmed_results
from inference.selectors.predictions import visible_predictions
from inference.similarity.in_memory import nearest_in_memory
from inference.similarity.ranking import Neighbour
from inference.similarity.with_pgvector import has_pgvector, nearest_with_pgvector


@dataclass(frozen=True)
class SimilarCase:
    """A confirmed lesion: its nearest image (with lesion and case), what it was, how far away.

    `distance` is 1 - cosine between the features: 0 is the same, 1 is nothing in common.
    """

    image: LesionImage
    result: PathologyResult
    distance: float


def similar_confirmed(user: User, image: LesionImage, k: int = 5) -> list[SimilarCase]:
    """The k nearest confirmed lesions of other patients in cases that this person may see.

    One image a lesion, compared by the features of one model version: the active one's where it
    has answered, else the newest. Nothing where the model's answer to the image is withheld from
    this person, or where the image was answered before features were kept.
    """
    asked = features_of(user, image)
    if asked is None:
        return []
    among = comparable(user, asked)
    find = nearest_with_pgvector if has_pgvector() else nearest_in_memory
    return _with_records(user, find(asked, among, k))


def comparable(user: User, asked: ImageFeatures) -> "QuerySet[ImageFeatures]":
    """Features of confirmed lesions of other patients, by the same model version."""
    cases = visible_cases(user).exclude(state__in=[CaseState.DRAFT, CaseState.CANCELLED])
    confirmed = PathologyResult.objects.filter(lesion=OuterRef("prediction__image__lesion"))
    return ImageFeatures.objects.filter(
        Exists(confirmed),
        prediction__model_version=asked.prediction.model_version_id,
        prediction__state=PredictionState.SUCCEEDED,
        prediction__image__case__in=cases.order_by(),
    ).exclude(prediction__image__lesion__patient=asked.prediction.image.lesion.patient_id)


def features_of(user: User, image: LesionImage) -> ImageFeatures | None:
    """What an image is compared by: the active model's features, else the newest, else nothing."""
    answers: QuerySet[Prediction] = visible_predictions(user).filter(
        image=image, state=PredictionState.SUCCEEDED
    )
    rows = (
        ImageFeatures.objects.filter(prediction__in=answers)
        .select_related("prediction__image__lesion")
        .order_by("-prediction__queued_at")
    )
    active = rows.filter(prediction__model_version__state=ModelState.ACTIVE)
    return active.first() or rows.first()


def _with_records(user: User, neighbours: list[Neighbour]) -> list[SimilarCase]:
    """The pictures and the results, in two queries."""
    images = (
        visible_images(user)
        .select_related("lesion", "case")
        .in_bulk([neighbour.image for neighbour in neighbours])
    )
    results = confirmed_results(user, [neighbour.lesion for neighbour in neighbours])
    return [
        SimilarCase(images[row.image], results[row.lesion], row.distance)
        for row in neighbours
        if row.image in images and row.lesion in results
    ]
