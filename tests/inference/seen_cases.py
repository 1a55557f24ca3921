"""Cases of which the model in service keeps an answer and features."""

import math
from typing import Any

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage
from inference.models import ImageFeatures, Prediction
from tests.clinic.reading_cases import model_in_service, sign_as, waiting_case
from tests.factories import HAM10000_CLASSES, PredictionFactory

CODES = [kind["code"] for kind in HAM10000_CLASSES]
WIDTH = 8


def said(**shares: float) -> dict[str, float]:
    """Probabilities by class code; what is not named shares the rest alike."""
    rest = (1 - sum(shares.values())) / (len(CODES) - len(shares))
    return {code: shares.get(code, rest) for code in CODES}


def direction(degrees: float) -> list[float]:
    """Features of length 1, that far round a circle."""
    turned = math.radians(degrees)
    return [math.cos(turned), math.sin(turned), *[0.0] * (WIDTH - 2)]


def see(image: LesionImage, degrees: float = 0, **shares: float) -> Prediction:
    """The model in service answers an image, and keeps its features."""
    probabilities = said(**shares)
    top = max(probabilities, key=lambda code: probabilities[code])
    prediction = PredictionFactory(
        image=image, model_version=model_in_service(), answered=True,
        probabilities=probabilities, top_class=top, called=top,
    )  # fmt: skip
    ImageFeatures.objects.create(prediction=prediction, vector=direction(degrees))
    return prediction


def seen_case(
    organisation: Organisation, degrees: float = 0, *, shares: dict[str, float], **fields: Any
) -> Case:
    """A waiting case with one lesion, seen so."""
    case = waiting_case(organisation, answer="none", **fields)
    for image in case.images.all():
        see(image, degrees, **shares)
    return case


def signed_case(
    organisation: Organisation,
    reader: User,
    degrees: float = 0,
    *,
    shares: dict[str, float],
    code: str,
    **fields: Any,
) -> Case:
    """The same, read and signed as `code`."""
    case = seen_case(organisation, degrees, shares=shares, **fields)
    sign_as(reader, case, code)
    case.refresh_from_db()
    return case
