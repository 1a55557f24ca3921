"""What is known of each lesion of a patient, in a few queries however many lesions there are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from clinic.models import CaseState, Lesion, LesionImage, PathologyResult, Patient, Read
from clinic.selectors.images import visible_images
from clinic.selectors.lesions import visible_lesions, visible_pathology
from clinic.selectors.reads import answer_reads
from clinic.selectors.verdicts import (
    Verdict,
    by_certainty,
    class_of_each_diagnosis,
    verdict_on,
)


@dataclass
class LesionSummary:
    """A lesion with its last picture and what it was last called. Pathology outranks a read: the
    most certain result comes first."""

    lesion: Lesion
    last_image: LesionImage | None = None
    image_count: int = 0
    read: Read | None = None
    pathology: list[PathologyResult] = field(default_factory=list)
    # Of the read against the most certain result, where there are both.
    verdict: Verdict | None = None


def lesion_summaries(user: User, patient: Patient) -> list[LesionSummary]:
    """The patient's lesions by number, each with its newest image, signed read and pathology."""
    lesions = visible_lesions(user).filter(patient=patient).order_by("number")
    summaries = {lesion.pk: LesionSummary(lesion) for lesion in lesions}
    images = (
        visible_images(user)
        .filter(lesion__patient=patient)
        .exclude(case__state=CaseState.CANCELLED)
        .order_by("created_at", "id")
    )
    for image in images:
        summary = summaries[image.lesion_id]
        summary.last_image = image
        summary.image_count += 1
    for read in answer_reads(user).filter(lesion__patient=patient).order_by("signed_at"):
        summaries[read.lesion_id].read = read
    for result in (
        visible_pathology(user)
        .filter(lesion__patient=patient)
        .select_related("diagnosis", "lesion")
    ):
        summaries[result.lesion_id].pathology.append(result)
    confirmed = [summary for summary in summaries.values() if summary.pathology]
    classes = class_of_each_diagnosis() if confirmed else {}
    for summary in confirmed:
        summary.pathology = by_certainty(summary.pathology)
        if summary.read is not None and summary.read.diagnosis is not None:
            truth = summary.pathology[0].diagnosis
            summary.verdict = verdict_on(summary.read.diagnosis, truth, classes=classes)
    return list(summaries.values())


def images_by_lesion(images: Iterable[LesionImage]) -> list[tuple[Lesion, list[LesionImage]]]:
    """Images (with their lesion loaded) grouped by lesion, in the order of lesion numbers."""
    groups: dict[UUID, tuple[Lesion, list[LesionImage]]] = {}
    for image in images:
        groups.setdefault(image.lesion_id, (image.lesion, []))[1].append(image)
    return sorted(groups.values(), key=lambda group: group[0].number)
