"""Cases that wait to be read, with pictures that a browser can show and answers of a model."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, Lesion, LesionImage, Reading
from clinic.services import commit_reading, reveal_opinion, save_read, sign_reading
from inference.models import ModelState, ModelVersion, Prediction
from tests.clinic.imaging.pictures import photograph
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
    PredictionFactory,
    UserFactory,
    diagnosis,
)


def _jpeg() -> bytes:
    buffer = BytesIO()
    photograph(640, 480).save(buffer, "JPEG")
    return buffer.getvalue()


def _saliency() -> bytes:
    """A map as a model leaves it: a few grey pixels, white where it looked."""
    buffer = BytesIO()
    Image.linear_gradient("L").resize((7, 7)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE, SALIENCY = _jpeg(), _saliency()


def model_in_service() -> ModelVersion:
    """The one active model; the same at every call."""
    found = ModelVersion.objects.filter(state=ModelState.ACTIVE).first()
    return found or ModelVersionFactory(state=ModelState.ACTIVE)


def waiting_case(
    organisation: Organisation,
    *,
    lesions: int = 1,
    images: int = 1,
    hours: float = 1,
    answer: str = "answered",
    family_name: str = "Halvorsen",
    **fields: Any,
) -> Case:
    """A submitted case; `images` is per lesion, `answer` answered, queued, failed or none.

    The pictures are real files, because a browser loads them.
    """
    patient = PatientFactory(
        organisation=organisation,
        family_name=family_name,
        given_name=fields.pop("given_name", "Ingrid"),
    )
    submitted_at = timezone.now() - timedelta(hours=hours)
    case = CaseFactory(patient=patient, submitted=True, submitted_at=submitted_at, **fields)
    for _ in range(lesions):
        lesion = LesionFactory(patient=patient)
        for _ in range(images):
            add_picture(case, lesion, answer=answer)
    return case


def add_picture(case: Case, lesion: Lesion, *, answer: str = "none") -> LesionImage:
    """One more picture of a lesion, with the model's answer to it."""
    image = LesionImageFactory(
        case=case,
        lesion=lesion,
        width=640,
        height=480,
        size_bytes=len(PICTURE),
        file=ContentFile(PICTURE, name="image.jpg"),
        thumbnail=ContentFile(PICTURE, name="thumbnail.jpg"),
    )
    if answer != "none":
        answer_to(image, answer=answer)
    return image


def answer_to(image: LesionImage, *, answer: str = "answered") -> Prediction:
    """A row of the model in service: answered (melanoma), queued or failed."""
    state: dict[str, Any] = {} if answer == "queued" else {answer: True}
    if answer == "answered":
        state["saliency"] = SALIENCY
    return PredictionFactory(image=image, model_version=model_in_service(), **state)


def second_dermatologist(organisation: Organisation) -> User:
    """Erin, who reads the same worklist as Dana."""
    erin = UserFactory(email="erin@northside.example", full_name="Erin Eriksen")
    grant_role(user=erin, organisation=organisation, role=Role.DERMATOLOGIST)
    return erin


def sign_as(
    reader: User, case: Case, code: str = "nevus", management: str = "discharge", **fields: Any
) -> Reading:
    """The whole of a reading: the same opinion on every lesion, committed, revealed, signed."""
    for lesion in Lesion.objects.filter(images__case=case).distinct():
        save_read(
            case=case,
            lesion=lesion,
            reader=reader,
            diagnosis=diagnosis(code),
            management=management,
            **fields,
        )
    commit_reading(case=case, reader=reader)
    reveal_opinion(case=case, reader=reader)
    return sign_reading(case=case, reader=reader)
