"""What the model in service says about a case, put together for a reader's page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from clinic.models import Case, ImageKind
from inference.models import ModelState, ModelVersion, Prediction, PredictionState
from inference.selectors import visible_predictions

PENDING = (PredictionState.QUEUED, PredictionState.RUNNING)


@dataclass(frozen=True)
class ClassProbability:
    """One bar."""

    code: str
    name: str
    malignancy: str
    probability: float


@dataclass(frozen=True)
class ImageAnswer:
    """One image's answer, or why there is none yet."""

    prediction: Prediction

    @property
    def is_pending(self) -> bool:
        """Whether an answer will still come."""
        return self.prediction.state in PENDING

    @property
    def is_answered(self) -> bool:
        """Whether there are probabilities."""
        return self.prediction.state == PredictionState.SUCCEEDED

    @property
    def saliency_url(self) -> str:
        """Where the map is, or nothing."""
        if not self.prediction.saliency:
            return ""
        return reverse("prediction-saliency", args=[self.prediction.pk])

    @property
    def rows(self) -> list[ClassProbability]:
        """Class probabilities, most probable first."""
        return sorted_rows(self.prediction.model_version, self.prediction.probabilities or {})

    @property
    def operating_point(self) -> float | None:
        """The malignancy at which the model calls an image suspicious."""
        return operating_point(self.prediction.model_version)


@dataclass
class LesionAnswer:
    """All answers on one lesion's images, as one suggestion."""

    images: list[ImageAnswer] = field(default_factory=list)

    @property
    def answered(self) -> list[ImageAnswer]:
        """The images that have an answer."""
        return [image for image in self.images if image.is_answered]

    @property
    def is_pending(self) -> bool:
        """Whether an answer will still come."""
        return any(image.is_pending for image in self.images)

    @property
    def has_failed(self) -> bool:
        """Whether every image's prediction failed."""
        return bool(self.images) and not self.answered and not self.is_pending

    @property
    def reason(self) -> str:
        """Why the first failed image has no answer."""
        return next((i.prediction.reason for i in self.images if i.prediction.reason), "")

    @property
    def judged(self) -> list[ImageAnswer]:
        """The answers that the suggestion is the mean of: dermoscopic images, if there are any.

        The models learn from dermoscopic images; what they say of others is less reliable.
        """
        dermoscopic = [
            answer
            for answer in self.answered
            if answer.prediction.image.kind == ImageKind.DERMOSCOPIC
        ]
        return dermoscopic or self.answered

    @property
    def rows(self) -> list[ClassProbability]:
        """The mean over the judged images, most probable first."""
        answered = self.judged
        if not answered:
            return []
        version = answered[0].prediction.model_version
        same = [a.prediction.probabilities or {} for a in answered
                if a.prediction.model_version_id == version.pk]  # fmt: skip
        return sorted_rows(
            version,
            {c["code"]: fmean(p.get(c["code"], 0.0) for p in same) for c in version.classes},
        )

    @property
    def top(self) -> ClassProbability | None:
        """The model's diagnosis."""
        return next(iter(self.rows), None)

    @property
    def malignancy(self) -> float | None:
        """The highest probability of malignancy among the images, as the worklist orders by."""
        values = [a.prediction.malignancy for a in self.answered]
        return max((value for value in values if value is not None), default=None)

    @property
    def operating_point(self) -> float | None:
        """The malignancy at which the model calls an image suspicious."""
        return self.answered[0].operating_point if self.answered else None

    @property
    def model_version(self) -> ModelVersion | None:
        """Who answered."""
        return self.answered[0].prediction.model_version if self.answered else None


@dataclass(frozen=True)
class CaseAnswers:
    """Answers by image and by lesion."""

    images: dict[UUID, ImageAnswer]
    lesions: dict[UUID, LesionAnswer]


def case_answers(*, user: User, case: Case) -> CaseAnswers:
    """The answers to a case's images, in one query: the active model's, else the newest."""
    predictions = (
        visible_predictions(user)
        .filter(image__case=case)
        .select_related("model_version", "image")
        # A card and the figures run to 40 kB, and would come along with every row.
        .defer("model_version__card", "model_version__metrics", "model_version__training")
        .order_by("image__lesion__number", "image__created_at", "image_id")
    )
    chosen: dict[UUID, Prediction] = {}
    for prediction in predictions:
        other = chosen.get(prediction.image_id)
        if other is None or _outranks(prediction, other):
            chosen[prediction.image_id] = prediction
    images = {key: ImageAnswer(prediction) for key, prediction in chosen.items()}
    lesions: dict[UUID, LesionAnswer] = {}
    for answer in images.values():
        lesions.setdefault(answer.prediction.image.lesion_id, LesionAnswer()).images.append(answer)
    return CaseAnswers(images, lesions)


def operating_point(version: ModelVersion | None) -> float | None:
    """The threshold of the first operating point, or None where the package names none."""
    points = version.operating_points if version is not None else []
    return points[0].get("malignancy_threshold") if points else None


def sorted_rows(version: ModelVersion, probabilities: dict[str, float]) -> list[ClassProbability]:
    """The classes with their probabilities, most probable first."""
    rows = (_row(kind, probabilities) for kind in _classes(version))
    return sorted(rows, key=lambda row: -row.probability)


def _row(kind: dict[str, Any], probabilities: dict[str, float]) -> ClassProbability:
    return ClassProbability(
        code=kind["code"],
        name=kind["name"],
        malignancy=kind["malignancy"],
        probability=probabilities.get(kind["code"], 0.0),
    )


def _classes(version: ModelVersion) -> Iterable[dict[str, Any]]:
    classes: list[dict[str, Any]] = version.classes
    return classes


def _outranks(prediction: Prediction, other: Prediction) -> bool:
    def rank(row: Prediction) -> tuple[bool, Any]:
        return row.model_version.state == ModelState.ACTIVE, row.queued_at

    return rank(prediction) > rank(other)
