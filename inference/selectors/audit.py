"""How good the model is on cases that were picked for reading at random."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Organisation
from clinic.models import CLOSED_STATES, AnnotationPick, PickReason, Read, Reading
from clinic.selectors.statistics.kinds import Kinds
from clinic.statistics.intervals import Estimate, Tally, balanced_accuracy, wilson_interval
from inference.models import ModelVersion
from inference.selectors.models import active_model


@dataclass(frozen=True)
class AuditAccuracy:
    """Of `picked` cases that are `signed`, the `lesions` on which one model can be judged: it was
    `right` on so many.

    Left out are lesions of which no opinion of this model was recorded (`not_shown`), and those of
    which the answer is in none of its classes (`outside_classes`). `accuracy` is that of the
    likeliest class, with Wilson's interval; `balanced_accuracy` that of the class called. While few
    of the picked are signed, the figures are those of the cases that were read first.
    """

    picked: int = 0
    signed: int = 0
    lesions: int = 0
    right: int = 0
    not_shown: int = 0
    outside_classes: int = 0
    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None


def audit_accuracy(
    organisation: Organisation, version: ModelVersion | None = None
) -> AuditAccuracy:
    """The accuracy of a model (by default of the one in service) on an organisation's audit.

    The truth is the signed answer; the model's opinion is what was recorded when it was shown,
    before there was an answer to learn from. Readers have seen it before they signed, which
    flatters it. This asks nobody whether they may see it. In at most six queries.
    """
    version = version or active_model()
    picks = AnnotationPick.objects.filter(organisation=organisation, reason=PickReason.AUDIT)
    closed = Q(case__state__in=CLOSED_STATES)
    counts = picks.aggregate(picked=Count("pk"), signed=Count("pk", filter=closed))
    if version is None or not counts["signed"]:
        return AuditAccuracy(**counts)
    codes = {kind["code"] for kind in version.classes}
    right, not_shown, outside = 0, 0, 0
    called: dict[str, list[bool]] = defaultdict(list)
    for truth, opinion in _judged(picks.filter(closed).values("case"), version):
        if opinion is None:
            not_shown += 1
        elif truth not in codes:
            outside += 1
        else:
            right += opinion["likeliest"] == truth
            called[truth].append((opinion["called"] or opinion["likeliest"]) == truth)
    lesions = sum(map(len, called.values()))
    return AuditAccuracy(
        **counts,
        lesions=lesions,
        right=right,
        not_shown=not_shown,
        outside_classes=outside,
        accuracy=wilson_interval(Tally(right, lesions)),
        balanced_accuracy=balanced_accuracy(
            Tally(sum(found), len(found)) for found in called.values()
        ),
    )


def _judged(
    cases: "QuerySet[AnnotationPick, Any]", version: ModelVersion
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """For each lesion of the answers: the class signed, and what this model had said of it."""
    kinds = Kinds.load().by_key
    shown: dict[tuple[Any, str], dict[str, Any]] = {}
    readings = Reading.objects.filter(case__in=cases).exclude(model_opinion={})
    for reading in readings.only("case", "model_opinion").order_by("revealed_at", "pk"):
        for lesion, opinion in reading.model_opinion.items():
            if isinstance(opinion, dict) and opinion.get("version") == str(version.pk):
                shown.setdefault((reading.case_id, lesion), opinion)
    answers: Any = Reading.objects.filter(pk__in=cases.values("case__answer")).prefetch_related(
        Prefetch("reads", queryset=Read.objects.filter(stands=True), to_attr="standing")
    )
    for answer in answers.order_by("pk"):
        for read in answer.standing:
            opinion = shown.get((answer.case_id, str(read.lesion_id)))
            yield kinds[read.diagnosis_id].kind.code, opinion
