"""Many confirmed lesions with features and no files, written in bulk."""

import random
import uuid
from math import sqrt
from typing import TYPE_CHECKING

from django.utils import timezone

from clinic.models import Case, Diagnosis, Lesion, LesionImage, PathologyResult, Patient
from inference.models import ImageFeatures, ModelVersion, Prediction, PredictionState

if TYPE_CHECKING:
    from accounts.models import User

FEATURES = 512
AT_ONCE = 1_000
DIAGNOSES = ("nevus", "melanoma", "basal-cell-carcinoma", "benign-keratosis")


def person_and_model() -> "tuple[User, ModelVersion]":
    """A clinician, and an active model that is only a row."""
    from accounts.models import Role, User
    from accounts.services import create_organisation, grant_role

    clinic = create_organisation(name="Bench", slug="bench")
    person = User.objects.create_user("bench@example.com", full_name="Bench")
    grant_role(user=person, organisation=clinic, role=Role.CLINICIAN)
    version = ModelVersion.objects.create(
        name="bench", version="1.0.0", architecture="resnet18", digest="0" * 64, classes=[],
        preprocessing={}, card="-", state="active", prepared_at=timezone.now(),
    )  # fmt: skip
    return person, version


def add_confirmed_lesions(count: int, *, person: "User", version: ModelVersion) -> None:
    """Each of a patient of its own, with one image, one answer and one histology."""
    dice = random.Random(11 + Case.objects.count())
    for start in range(0, count, AT_ONCE):
        _add(min(AT_ONCE, count - start), dice, person, version)


def _add(count: int, dice: random.Random, person: "User", version: ModelVersion) -> None:
    organisation = person.memberships.get().organisation
    now, before = timezone.now(), Case.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            organisation=organisation, family_name="Bench", medical_record_number=str(before + n)
        )
        for n in range(count)
    )
    cases = Case.objects.bulk_create(
        Case(
            organisation=organisation, patient=patient, number=before + n + 1, submitter=person,
            state="submitted", submitted_at=now,
        )
        for n, patient in enumerate(patients)
    )  # fmt: skip
    lesions = Lesion.objects.bulk_create(
        Lesion(patient=patient, number=1, body_site="back") for patient in patients
    )
    images = LesionImage.objects.bulk_create(
        LesionImage(
            case=case, lesion=lesion, sha256=uuid.uuid4().hex * 2, media_type="image/jpeg",
            width=600, height=450, size_bytes=1, file=f"{case.pk}.jpg", thumbnail=f"{case.pk}.webp",
        )
        for case, lesion in zip(cases, lesions, strict=True)
    )  # fmt: skip
    diagnoses = list(Diagnosis.objects.filter(code__in=DIAGNOSES))
    PathologyResult.objects.bulk_create(
        PathologyResult(lesion=lesion, diagnosis=dice.choice(diagnoses), method="histo")
        for lesion in lesions
    )
    answers = Prediction.objects.bulk_create(
        Prediction(
            image=image, model_version=version, state=PredictionState.SUCCEEDED, queued_at=now,
            finished_at=now, probabilities={}, malignancy=0.1,
        )
        for image in images
    )  # fmt: skip
    ImageFeatures.objects.bulk_create(
        ImageFeatures(prediction=answer, vector=_like_a_networks(dice)) for answer in answers
    )


def _like_a_networks(dice: random.Random) -> list[float]:
    """None is negative and most are small, as after the last activation; of length 1."""
    values = [dice.gammavariate(0.7, 1.0) for _ in range(FEATURES)]
    length = sqrt(sum(value * value for value in values))
    return [value / length for value in values]
