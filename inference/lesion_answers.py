"""What a model says of one image, and of a lesion by all of its images."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from statistics import fmean

from django.urls import reverse

from clinic.models import ImageKind
from inference.models import ModelState, ModelVersion, Prediction, PredictionState
from inference.probabilities import (
    ClassProbability,
    called_class,
    normalised_entropy,
    operating_point,
    sorted_rows,
)
from inference.sureness import Sureness, sureness_of

PENDING = (PredictionState.QUEUED, PredictionState.RUNNING)


@dataclass(frozen=True)
class ImageAnswer:
    """One image's answer, or why there is none yet.

    `shown_at` is when a reader saw it, where that is on record; `is_late`: it came when the case
    was closed already, so it played no part in its answer.
    """

    prediction: Prediction
    shown_at: datetime | None = None
    is_late: bool = False

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

    @cached_property
    def alone(self) -> "LesionAnswer":
        """This answer by itself: what cannot be ruled out, how sure, how strange."""
        return LesionAnswer([self])


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
    def model_version(self) -> ModelVersion | None:
        """Who answered: the model in service, where it did."""
        best = max(self.answered, key=lambda image: rank_of(image.prediction), default=None)
        return best.prediction.model_version if best else None

    @property
    def judged(self) -> list[ImageAnswer]:
        """The answers that the suggestion is the mean of: dermoscopic images, if there are any.

        The models learn from dermoscopic images; what they say of others is less reliable. All of
        them are of one model version.
        """
        version = self.model_version
        same = [a for a in self.answered if a.prediction.model_version == version]
        dermoscopic = [a for a in same if a.prediction.image.kind == ImageKind.DERMOSCOPIC]
        return dermoscopic or same

    @property
    def probabilities(self) -> dict[str, float]:
        """The mean over the judged images, by class code."""
        version = self.model_version
        if version is None:
            return {}
        given = [answer.prediction.probabilities or {} for answer in self.judged]
        return {c["code"]: fmean(p.get(c["code"], 0.0) for p in given) for c in version.classes}

    @property
    def rows(self) -> list[ClassProbability]:
        """The mean over the judged images, most probable first."""
        version = self.model_version
        return sorted_rows(version, self.probabilities) if version else []

    @property
    def top(self) -> ClassProbability | None:
        """The class that the model finds most probable: what it suggests."""
        return next(iter(self.rows), None)

    @property
    def called(self) -> ClassProbability | None:
        """The package's decision, which weighs rare classes more; None if it was not recorded."""
        version = self.model_version
        codes = [answer.prediction.called for answer in self.judged]
        if version is None or not all(codes):
            return None
        # The mean of several images has a decision of its own.
        code = codes[0] if len(codes) == 1 else called_class(version, self.probabilities)
        return next((row for row in self.rows if row.code == code), None)

    @property
    def plausible(self) -> list[ClassProbability] | None:
        """What cannot be ruled out, most probable first; None if it was not recorded.

        The union over the judged images, and the likeliest class: each image's set holds the true
        class as often as the model promises, and so does a larger one. (In one image of twenty the
        set leaves the likeliest class out, which no reader could make sense of.) Empty where the
        model makes no promise.
        """
        sets = [answer.prediction.plausible for answer in self.judged]
        if not sets or any(codes is None for codes in sets):
            return None
        codes = {code for plausible in sets for code in plausible or []}
        if codes and self.top is not None:
            codes.add(self.top.code)
        return [row for row in self.rows if row.code in codes]

    @property
    def coverage(self) -> float | None:
        """In which share of images the true class is among the plausible ones."""
        version = self.model_version
        return version.plausible_coverage if version is not None else None

    @property
    def uncertainty(self) -> float | None:
        """The normalised entropy of the mean, 0 to 1."""
        return normalised_entropy(self.probabilities) if self.judged else None

    @property
    def strangeness(self) -> float | None:
        """That of the strangest judged image; above 1 it is unlike the training images."""
        values = [answer.prediction.strangeness for answer in self.judged]
        return max((value for value in values if value is not None), default=None)

    @property
    def is_strange(self) -> bool:
        """Whether an image is unlike those that the model learned from."""
        return self.strangeness is not None and self.strangeness > 1

    @property
    def is_outside_training(self) -> bool:
        """Whether no judged image is dermoscopic, as all were that the model learned from."""
        return bool(self.judged) and self.judged[0].prediction.image.kind != ImageKind.DERMOSCOPIC

    @property
    def sureness(self) -> Sureness | None:
        """In a word how sure the model is, and why; None if that was not recorded."""
        plausible, uncertainty = self.plausible, self.uncertainty
        if plausible is None or uncertainty is None:
            return None
        return sureness_of(
            plausible=len(plausible),
            uncertainty=uncertainty,
            is_familiar=not (self.is_strange or self.is_outside_training),
        )

    @property
    def malignancy(self) -> float | None:
        """The highest probability of malignancy among the images, as the worklist orders by."""
        values = [a.prediction.malignancy for a in self.answered]
        return max((value for value in values if value is not None), default=None)

    @property
    def operating_point(self) -> float | None:
        """The malignancy at which the model calls an image suspicious."""
        return operating_point(self.model_version)

    @property
    def is_suspicious(self) -> bool | None:
        """Whether the malignancy reaches the operating point; None where there is none."""
        if self.malignancy is None or self.operating_point is None:
            return None
        return self.malignancy >= self.operating_point

    @property
    def compared(self) -> ImageAnswer | None:
        """The judged image of the highest malignancy: the one that is compared with others."""
        return max(self.judged, key=lambda answer: answer.prediction.malignancy or 0, default=None)


def rank_of(prediction: Prediction) -> tuple[bool, datetime]:
    """The model in service before others, then the newest."""
    return prediction.model_version.state == ModelState.ACTIVE, prediction.queued_at
