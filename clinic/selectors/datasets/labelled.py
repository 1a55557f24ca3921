"""The images of the record that a description takes, each with its label."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from accounts.models import Organisation
from clinic.datasets.description import ConsentScope, Description
from clinic.datasets.labels import Label, Opinion, clamped_age, resolve_label
from clinic.models import (
    CLOSED_STATES,
    DatasetRow,
    Diagnosis,
    LesionImage,
    PathologyResult,
    Read,
    ReadingRole,
    ReadStage,
    ReadState,
    ResearchConsent,
    VersionKind,
)
from clinic.selectors.diagnoses import diagnoses_in_use, with_parents
from clinic.selectors.verdicts import CERTAINTY

IMAGES_AT_ONCE = 5000

# Why an image is not taken, in the order in which it is asked.
LEFT_OUT_REASONS = {
    "not_signed": "The case is not signed yet",
    "no_consent": "The patient has not given this consent",
    "sealed": "The patient belongs to the sealed test set",
    "image_kind": "Another kind of image",
    "dates": "Signed on another day",
    "no_label": "Nobody signed an opinion on this lesion",
    "classes": "Another diagnosis",
    "label_source": "The label comes from another source",
    "agreement": "The readers agree too little",
    "duplicate": "The same picture belongs to another patient",
}

ALLOWED_BY = {
    ConsentScope.TRAINING: {ResearchConsent.TRAINING, ResearchConsent.SHARING},
    ConsentScope.SHARING: {ResearchConsent.SHARING},
}


class LabelledImage(NamedTuple):
    """An image that is taken. `age` is in years when it was made, clamped; None is not known."""

    image_id: UUID
    organisation_id: UUID
    patient_id: UUID
    lesion_id: UUID
    case_id: UUID
    sha256: str
    width: int
    height: int
    media_type: str
    size_bytes: int
    image_kind: str
    label: Label
    malignancy: str
    confirmation: str
    sex: str
    age: int | None
    body_site: str
    skin_type: int | None
    consent: str


class _Image(NamedTuple):
    """What is asked of the database for an image, in the order of `_COLUMNS`."""

    pk: UUID
    organisation: UUID
    patient: UUID
    lesion: UUID
    case: UUID
    sha256: str
    width: int
    height: int
    media_type: str
    size_bytes: int
    kind: str
    state: str
    answer: UUID | None
    finalised_at: datetime | None
    captured_at: datetime | None
    submitted_at: datetime | None
    body_site: str
    sex: str
    birth_date: date | None
    approximate_age: int | None
    skin_type: int | None
    consent: str


_COLUMNS = (
    "pk", "case__organisation_id", "case__patient_id", "lesion_id", "case_id", "sha256", "width",
    "height", "media_type", "size_bytes", "kind", "case__state", "case__answer_id",
    "case__finalised_at", "captured_at", "case__submitted_at", "lesion__body_site",
    "case__patient__sex", "case__patient__birth_date", "case__patient__approximate_age",
    "case__patient__fitzpatrick_type", "case__patient__research_consent",
)  # fmt: skip


def label_classes() -> list[Diagnosis]:
    """The diagnoses that stand for a class that models learn, in the order of the taxonomy."""
    return list(diagnoses_in_use().exclude(ham10000=""))


def labelled_images(
    organisations: Collection[Organisation],
    description: Description,
    *,
    left_out: Counter[str] | None = None,
    withheld: Collection[UUID] | None = None,
) -> Iterator[LabelledImage]:
    """What the description takes, ordered by patient and image; streams with flat memory.

    `left_out` counts what is not taken, by the first reason of `LEFT_OUT_REASONS` that holds.
    The patients `withheld` are left out; by default those of all sealed test sets. Three
    queries and then two for every `IMAGES_AT_ONCE` images.
    """
    counts = left_out if left_out is not None else Counter()
    sealed = sealed_patients() if withheld is None else set(withheld)
    nodes = {node.pk: node for node in with_parents(Diagnosis.objects.all())}
    malignancies = {node.code: node.malignancy for node in nodes.values()}
    shared = _shared_pictures(organisations)
    owners: dict[str, UUID] = {}
    images = (
        LesionImage.objects.filter(case__organisation__in=organisations)
        .order_by("case__patient_id", "pk")
        .values_list(*_COLUMNS)
    )
    stream = images.iterator(chunk_size=IMAGES_AT_ONCE)
    while chunk := list(islice(stream, IMAGES_AT_ONCE)):
        candidates = []
        for columns in chunk:
            image = _Image(*columns)
            if reason := _refused(image, description, sealed):
                counts[reason] += 1
            else:
                candidates.append(image)
        opinions = _opinions({image.case for image in candidates}, nodes)
        results = _pathology({image.lesion for image in candidates})
        for image in candidates:
            result = results.get(image.lesion)
            found = (nodes[result[0]].code, nodes[result[0]].kind) if result else None
            said = [
                opinion._replace(is_answer=reading == image.answer)
                for reading, opinion in opinions.get((image.case, image.lesion), ())
            ]
            label = resolve_label(said, found)
            if reason := _label_refused(label, description):
                counts[reason] += 1
            elif label is not None:
                if image.sha256 in shared:
                    owner = owners.setdefault(image.sha256, image.patient)
                    if owner != image.patient:
                        counts["duplicate"] += 1
                        continue
                yield _labelled(
                    image,
                    label,
                    malignancy=malignancies[label.diagnosis],
                    confirmation=result[1] if result else "",
                )


def sealed_patients() -> set[UUID]:
    """The patients of all sealed test sets."""
    rows = DatasetRow.objects.filter(version__kind=VersionKind.SEALED)
    return set(rows.values_list("source__case__patient_id", flat=True).distinct())


def _refused(image: _Image, description: Description, sealed: set[UUID]) -> str:
    """Why an image is not taken, whatever its label; empty where it may be."""
    if image.state not in CLOSED_STATES:
        return "not_signed"
    if image.consent not in ALLOWED_BY[ConsentScope(description.consent)]:
        return "no_consent"
    if image.patient in sealed:
        return "sealed"
    if description.image_kinds and image.kind not in description.image_kinds:
        return "image_kind"
    signed_on = timezone.localdate(image.finalised_at) if image.finalised_at else date.min
    first, last = description.signed_from or date.min, description.signed_to or date.max
    return "" if first <= signed_on <= last else "dates"


def _label_refused(label: Label | None, description: Description) -> str:
    if label is None:
        return "no_label"
    if description.classes and label.label not in description.classes:
        return "classes"
    if label.source not in description.label_sources:
        return "label_source"
    if label.source != "pathology" and label.agreement < description.minimum_agreement:
        return "agreement"
    return ""


def _opinions(
    cases: set[UUID], nodes: dict[int, Diagnosis]
) -> dict[tuple[UUID, UUID], list[tuple[UUID, Opinion]]]:
    """What was signed on each lesion of these cases, with the reading it stands under."""
    reads = Read.objects.filter(case__in=cases, state=ReadState.SIGNED, stands=True).order_by(
        "reading__signed_at", "reading_id"
    )
    found: dict[tuple[UUID, UUID], list[tuple[UUID, Opinion]]] = {}
    for case, lesion, reading, role, diagnosis, stage, is_blind in reads.values_list(
        "case_id", "lesion_id", "reading_id", "reading__role", "diagnosis_id", "stage",
        "reading__is_blind",
    ):  # fmt: skip
        node = nodes[diagnosis]
        opinion = Opinion(
            role=role,
            diagnosis=node.code,
            label=node.kind,
            is_answer=False,
            # An amendment is written when everything about the case has long been seen.
            model_shown=not is_blind
            or stage == ReadStage.RECONSIDERED
            or role == ReadingRole.AMENDMENT,
        )
        found.setdefault((case, lesion), []).append((reading, opinion))
    return found


def _pathology(lesions: set[UUID]) -> dict[UUID, tuple[int, str]]:
    """Diagnosis and method of the result that counts: the most certain, then the newest."""
    results = PathologyResult.objects.filter(lesion__in=lesions).order_by("created_at", "pk")
    rank = {method.value: place for method, place in CERTAINTY.items()}
    found: dict[UUID, tuple[int, str]] = {}
    for lesion, diagnosis, method in results.values_list("lesion_id", "diagnosis_id", "method"):
        known = found.get(lesion)
        if known is None or rank[method] <= rank[known[1]]:
            found[lesion] = (diagnosis, method)
    return found


def _shared_pictures(organisations: Collection[Organisation]) -> set[str]:
    """The digests of pictures that stand under more than one patient."""
    return set(
        LesionImage.objects.filter(case__organisation__in=organisations)
        .order_by()
        .values("sha256")
        .annotate(patients=Count("case__patient", distinct=True))
        .filter(patients__gt=1)
        .values_list("sha256", flat=True)
    )


def _age(image: _Image) -> int | None:
    """Whole years when the picture was taken, or, as far as is known, the approximate age."""
    taken_at = image.captured_at or image.submitted_at
    if image.birth_date is None or taken_at is None:
        return image.approximate_age
    day, born = timezone.localdate(taken_at), image.birth_date
    return max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _labelled(image: _Image, label: Label, *, malignancy: str, confirmation: str) -> LabelledImage:
    return LabelledImage(
        image_id=image.pk,
        organisation_id=image.organisation,
        patient_id=image.patient,
        lesion_id=image.lesion,
        case_id=image.case,
        sha256=image.sha256,
        width=image.width,
        height=image.height,
        media_type=image.media_type,
        size_bytes=image.size_bytes,
        image_kind=image.kind,
        label=label,
        malignancy=malignancy,
        confirmation=confirmation,
        sex=image.sex,
        age=clamped_age(_age(image)),
        body_site=image.body_site,
        skin_type=image.skin_type,
        consent=image.consent,
    )
