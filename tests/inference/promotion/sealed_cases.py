"""Closed cases in a sealed test set, and what two models say of their images."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from clinic.models import CaseState, LesionImage, SealedTestSet, VersionKind
from inference.models import Comparison, ModelVersion, Prediction
from tests.dataset_factories import a_version
from tests.factories import (
    CaseFactory,
    LesionImageFactory,
    PatientFactory,
    PredictionFactory,
    UserFactory,
)

MALIGNANT = {"akiec", "bcc", "mel"}
CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def closed_image(organisation: Organisation, **fields: Any) -> LesionImage:
    """The image of a closed case of a patient of its own."""
    now = timezone.now()
    case = CaseFactory(
        patient=PatientFactory(organisation=organisation),
        state=CaseState.FINAL, submitted_at=now, finalised_at=now,
    )  # fmt: skip
    return LesionImageFactory(case=case, **fields)


def seal(organisation: Organisation, labels: Sequence[str] = CODES, **rows: Any) -> SealedTestSet:
    """A sealed test set with an image of each label, each of another patient."""
    images = [closed_image(organisation) for _ in labels]
    said = [
        {
            "label": label,
            "malignancy": "indeterminate" if label == "akiec"
            else "malignant" if label in MALIGNANT else "benign",
            "split": "test",
            **rows,
        }
        for label in labels
    ]  # fmt: skip
    version = a_version(*images, rows=said, kind=VersionKind.SEALED)
    return SealedTestSet.objects.create(
        organisation=organisation, version=version, share=0.2, sealed_by=UserFactory()
    )


def says(image: LesionImage, model: ModelVersion, called: str) -> Prediction:
    """One answer: sure of this class. It takes the place of one that waits."""
    rest = {code: 0.02 for code in CODES if code != called}
    probabilities = {**rest, called: 0.88}
    Prediction.objects.filter(image=image, model_version=model).delete()
    return PredictionFactory(
        image=image, model_version=model, answered=True, probabilities=probabilities,
        top_class=called, called=called,
        malignancy=sum(probabilities[code] for code in MALIGNANT),
    )  # fmt: skip


def answer_all(test_set: SealedTestSet, model: ModelVersion, wrong: set[int] = frozenset()) -> None:  # type: ignore[assignment]
    """Right on every image, except on those with the numbers in `wrong`, which it calls the
    other side of malignant."""
    for row in test_set.version.rows.select_related("source"):
        other = "nv" if row.label in MALIGNANT else "mel"
        says(row.source, model, other if row.number in wrong else row.label)


def passed(candidate: ModelVersion, champion: ModelVersion, **fields: Any) -> Comparison:
    """A finished comparison that the candidate has passed."""
    return Comparison.objects.create(
        candidate=candidate, champion=champion,
        **{
            "margins": {"balanced_accuracy": 0.03, "sensitivity": 0.03}, "state": "finished",
            "is_not_worse": True, "finished_at": timezone.now(), **fields,
        },
    )  # fmt: skip
