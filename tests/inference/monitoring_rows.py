"""Answers, their statistics and signed readings as a worker and readers would have left them."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import LesionImage
from inference.models import (
    FeatureProjection,
    ImageStatistics,
    ModelVersion,
    Prediction,
    ServiceAlert,
)
from tests.clinic.statistics_record import Turn, closed_case
from tests.factories import CaseFactory, LesionFactory, PatientFactory

USUAL = {
    "brightness": (0.6, 0.08), "contrast": (0.1, 0.03), "hue": (0.0, 12.0),
    "saturation": (0.3, 0.08), "sharpness": (-2.7, 0.3), "dark_border": (0.1, 0.02),
}  # fmt: skip
CLASSES = ("nv", "nv", "nv", "nv", "mel", "bkl", "bcc")


def add_answers(
    count: int,
    *,
    organisation: Organisation,
    model: ModelVersion,
    ago: timedelta = timedelta(hours=1),
    spread: timedelta = timedelta(),
    wait: float = 4.0,
    seed: int = 7,
    fields: dict[str, Any] | None = None,
    **shifted: float,
) -> list[Prediction]:
    """Answered images in one case, `ago` and up to `spread` before; `shifted` moves a mean."""
    dice, now = random.Random(seed), timezone.now()
    patient = PatientFactory(organisation=organisation)
    case, lesion = CaseFactory(patient=patient, submitted=True), LesionFactory(patient=patient)
    images = LesionImage.objects.bulk_create(
        LesionImage(
            case=case, lesion=lesion, sha256=f"{dice.getrandbits(256):064x}", width=600,
            height=450, media_type="image/jpeg", size_bytes=5, file="a", thumbnail="a",
        )
        for _ in range(count)
    )  # fmt: skip
    answers = Prediction.objects.bulk_create(
        _answer(dice, image, model, now - ago - spread * (number / max(1, count - 1)), wait, fields)
        for number, image in enumerate(images)
    )
    ImageStatistics.objects.bulk_create(
        ImageStatistics(image=image, **_statistics(dice, shifted)) for image in images
    )
    FeatureProjection.objects.bulk_create(
        FeatureProjection(prediction=answer, values=[dice.gauss(0, 0.1) for _ in range(4)])
        for answer in answers
    )
    return answers


def _answer(
    dice: random.Random,
    image: LesionImage,
    model: ModelVersion,
    finished_at: datetime,
    wait: float,
    fields: dict[str, Any] | None,
) -> Prediction:
    malignancy = dice.betavariate(1, 6)
    values: dict[str, Any] = {
        "state": "succeeded", "attempts": 1, "probabilities": {"mel": malignancy},
        "top_class": "nv", "called": dice.choice(CLASSES), "malignancy": malignancy,
        "uncertainty": 0.3, "strangeness": dice.uniform(0.2, 0.9), "duration_ms": 500,
        "finished_at": finished_at,
        "queued_at": finished_at - timedelta(seconds=wait + 0.5),
    }  # fmt: skip
    return Prediction(image=image, model_version=model, **(values | (fields or {})))


def _statistics(dice: random.Random, shifted: dict[str, float]) -> dict[str, float]:
    found = {
        name: dice.gauss(mean + shifted.get(name, 0.0), spread)
        for name, (mean, spread) in USUAL.items()
    }
    limits = {"hue": (-180, 180), "sharpness": (-6, 2)}
    return {
        name: min(max(value, limits.get(name, (0, 1))[0]), limits.get(name, (0, 1))[1])
        for name, value in found.items()
    }


def shown(model: ModelVersion, called: str, malignancy: float) -> dict[str, Any]:
    """What a reader was shown of a lesion."""
    return {
        "version": str(model.pk), "called": called, "likeliest": called,
        "diagnosis": {"nv": "nevus", "mel": "melanoma"}.get(called), "malignancy": malignancy,
        "suspicious": malignancy > 0.2,
    }  # fmt: skip


def sign(
    times: int,
    *,
    organisation: Organisation,
    reader: User,
    model: ModelVersion,
    answer: str = "nevus",
    called: str = "nv",
    malignancy: float = 0.05,
    pathology: str = "",
    state: str = "final",
) -> None:
    """Closed cases of one lesion, read once after this answer of the model was shown."""
    for _ in range(times):
        opinion = shown(model, called, malignancy)
        turn = Turn(reader, answer, model=opinion)
        closed_case(organisation, turn, pathology=pathology, state=state)


def a_service_alert(prediction: Prediction, **fields: Any) -> ServiceAlert:
    """An open alert about the model of an answer, in the organisation of its image."""
    values: dict[str, Any] = {
        "model_version": prediction.model_version,
        "organisation": prediction.image.case.organisation, "measure": "wait",
        "sentence": "20 % (16 to 24 %) of 400 images waited longer than 60 s.", "value": 90.0,
        "threshold": 60.0, "n": 400,
    }  # fmt: skip
    return ServiceAlert.objects.create(**(values | fields))
