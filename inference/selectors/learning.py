"""What an organisation's cases look like to a model, for choosing which to read next.

This asks nobody whether they may see it: it runs at night, for the whole organisation, and only
the order comes of it. It needs numpy, which a web process has not got.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import F, QuerySet
from numpy.typing import NDArray

from accounts.models import Organisation
from clinic.models import CLOSED_STATES, WAITING_STATES, Case, ImageKind, Read, Sex
from clinic.selectors.statistics.kinds import Kinds
from inference.models import ImageFeatures, ModelVersion, PredictionState
from inference.similarity.vectors import PACKED, unpacked

# Of each kind; with 512 features some 40 MB. The longest waiting, and the newest answers.
MOST_CASES = 10_000
ROWS_AT_A_TIME = 2000


@dataclass
class SeenLesion:
    """One lesion in one case, as the mean of its judged images; the sums grow row by row.

    Dermoscopic images are judged where there are any, as on the page.
    """

    case: UUID
    lesion: UUID
    is_dermoscopic: bool
    patient: UUID
    consent: str
    subgroups: dict[str, str]
    probabilities: NDArray[np.float64]
    features: NDArray[np.float32]
    images: int = 1

    @property
    def mean(self) -> NDArray[np.float64]:
        """Probabilities (C,)."""
        summed: NDArray[np.float64] = self.probabilities / self.probabilities.sum()
        return summed

    @property
    def direction(self) -> NDArray[np.float32]:
        """Features (F,), of length 1."""
        whole: NDArray[np.float32] = self.features / np.linalg.norm(self.features)
        return whole.astype(np.float32)


def waiting_cases(organisation: Organisation) -> QuerySet[Case]:
    """Cases that a reader could be found for, the longest waiting first, up to a bound."""
    waiting = Case.objects.filter(organisation=organisation, state__in=WAITING_STATES)
    return waiting.order_by("submitted_at", "id")[:MOST_CASES]


def answered_cases(organisation: Organisation) -> QuerySet[Case]:
    """Cases with a signed answer, the newest first, up to a bound.

    Of a case that is still open no read counts: its second reader could tell from the order that
    the first one had disagreed.
    """
    closed = Case.objects.filter(organisation=organisation, state__in=CLOSED_STATES)
    return closed.order_by("-finalised_at", "id")[:MOST_CASES]


def seen_lesions(cases: QuerySet[Case], version: ModelVersion) -> list[SeenLesion]:
    """Lesions of these cases of which the version keeps features, in the order of their keys."""
    codes = [kind["code"] for kind in version.classes]
    rows = (
        ImageFeatures.objects.filter(
            prediction__model_version=version,
            prediction__state=PredictionState.SUCCEEDED,
            prediction__image__case__in=cases.values("pk"),
        )
        .annotate(
            packed=PACKED,
            case=F("prediction__image__case_id"),
            lesion=F("prediction__image__lesion_id"),
            kind=F("prediction__image__kind"),
            said=F("prediction__probabilities"),
            patient=F("prediction__image__case__patient_id"),
            consent=F("prediction__image__case__patient__research_consent"),
            sex=F("prediction__image__case__patient__sex"),
            skin_type=F("prediction__image__case__patient__fitzpatrick_type"),
            body_site=F("prediction__image__lesion__body_site"),
        )
        .values_list(
            "case", "lesion", "patient", "consent", "kind", "said", "packed", "sex", "skin_type",
            "body_site",
        )
    )  # fmt: skip
    seen: dict[tuple[UUID, UUID], SeenLesion] = {}
    for case, lesion, patient, consent, kind, said, packed, sex, skin, site in rows.iterator(
        ROWS_AT_A_TIME
    ):
        row = SeenLesion(
            case=case,
            lesion=lesion,
            patient=patient,
            consent=consent,
            is_dermoscopic=kind == ImageKind.DERMOSCOPIC,
            subgroups={
                "sex": "" if sex == Sex.UNKNOWN else sex,
                "skin type": str(skin or ""),
                "body site": site,
            },
            probabilities=np.array([said.get(code, 0.0) for code in codes]),
            features=np.frombuffer(unpacked(packed), dtype=np.float32),
        )
        known = seen.get((case, lesion))
        if known is None or row.is_dermoscopic > known.is_dermoscopic:
            seen[case, lesion] = row
        elif row.is_dermoscopic == known.is_dermoscopic:
            known.probabilities = known.probabilities + row.probabilities
            known.features = known.features + row.features
            known.images += 1
    return [seen[key] for key in sorted(seen)]


def signed_classes(cases: QuerySet[Case]) -> dict[tuple[UUID, UUID], str]:
    """By case and lesion the class that the signed answer says; in two queries."""
    kinds = Kinds.load().by_key
    reads: Iterable[tuple[UUID, UUID, int]] = Read.objects.filter(
        case__in=cases.values("pk"), reading=F("case__answer"), stands=True
    ).values_list("case_id", "lesion_id", "diagnosis_id")
    return {(case, lesion): kinds[diagnosis].kind.code for case, lesion, diagnosis in reads}
