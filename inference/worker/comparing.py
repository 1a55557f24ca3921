"""From the rows of a comparison to its report. Only workers import this: it needs numpy."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic.models import DatasetRow
from inference.comparison.contest import Answer, Contender, Contest, Rules, SealedImage
from inference.comparison.report import compare
from inference.models import Comparison, ComparisonState, ModelVersion, PredictionState
from inference.probabilities import called_class, operating_point
from inference.selectors.comparisons import compared_rows
from inference.selectors.origins import learned_rows, origins_of
from inference.services.comparisons.endings import fail_comparison, finish_comparison, is_ready

logger = logging.getLogger(__name__)

MARGINS = ("balanced_accuracy", "sensitivity")
MOST_ATTEMPTS = 5
WORKERS_DIED = (
    f"The worker stopped {MOST_ATTEMPTS} times while it judged this comparison: most likely its "
    "memory is too small. Ask whoever runs the workers, then compare again."
)


def finish_comparisons() -> int:
    """Judge every comparison whose answers are complete; returns how many have ended.

    Safe to run twice at a time: a comparison that another worker judges is left to it. One that
    was begun `MOST_ATTEMPTS` times without an end is given up: it takes its workers with it.
    """
    waiting = Comparison.objects.filter(state=ComparisonState.ANSWERING).order_by("created_at")
    return sum(_go_on_with(key) for key in waiting.values_list("pk", flat=True))


def _go_on_with(key: UUID) -> bool:
    """Whether it has ended."""
    with transaction.atomic():
        comparison = _locked(key)
        if comparison is None or not is_ready(comparison=comparison):
            return comparison is not None and comparison.state != ComparisonState.ANSWERING
        if comparison.attempts >= MOST_ATTEMPTS:
            fail_comparison(comparison=comparison, note=WORKERS_DIED)
            return True
        comparison.attempts += 1
        comparison.save(update_fields=["attempts"])
    # The attempt is written down before it is made: a worker that is killed writes nothing.
    with transaction.atomic():
        comparison = _locked(key)
        if comparison is None or not is_ready(comparison=comparison):
            return False
        _judge(comparison)
        return True


def _locked(key: UUID) -> Comparison | None:
    """None where another worker has it, or where it has ended."""
    return (
        Comparison.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("candidate", "champion")
        .filter(pk=key, state=ComparisonState.ANSWERING)
        .first()
    )


def _judge(comparison: Comparison) -> None:
    try:
        with transaction.atomic():
            report = report_of(comparison)
    except Exception as error:
        logger.exception("%s could not be judged", comparison)
        note = f"It stopped with {type(error).__name__}; the worker's log says more. Compare again."
        fail_comparison(comparison=comparison, note=note)
    else:
        finish_comparison(comparison=comparison, report=report)


def report_of(comparison: Comparison) -> dict[str, Any]:
    """The report as JSON, with what a reader of it should beware of."""
    rows = list(compared_rows(comparison).order_by("version_id", "number"))
    names = {entry["version"]: entry["organisation"] for entry in comparison.test_sets}
    counts = _counts_as_malignant(comparison)
    images = [
        SealedImage(
            row=row.pk,
            patient=row.patient,
            organisation=names[str(row.version_id)],
            label=row.label,
            malignant=_is_malignant(row, counts),
            label_source=row.label_source,
            sex=row.sex,
            age=row.age,
            body_site=row.body_site,
            skin_type=row.skin_type,
            image_kind=row.image_kind,
        )
        for row in rows
    ]
    by_image = {row.source_id: row.pk for row in rows}
    contest = Contest(
        images,
        _contender(comparison.candidate, by_image),
        _contender(comparison.champion, by_image),
    )
    report = compare(contest, rules_of(comparison))
    return {**report, "cautions": _cautions(comparison, report)}


def rules_of(comparison: Comparison) -> Rules:
    """As they were when the comparison was asked for."""
    kept = comparison.margins
    thresholds = {key: value for key, value in kept.items() if key not in MARGINS}
    return Rules(
        margins={key: kept[key] for key in MARGINS},
        resamples=comparison.resamples,
        seed=comparison.seed,
        **thresholds,
    )


def _contender(version: ModelVersion, by_image: Mapping[UUID, int]) -> Contender:
    answers = version.predictions.filter(
        image__in=list(by_image), state=PredictionState.SUCCEEDED
    ).values_list("image", "called", "malignancy", "probabilities")
    return Contender(
        name=str(version),
        codes=[kind["code"] for kind in version.classes],
        threshold=operating_point(version),
        answers={
            by_image[image]: Answer(
                # Answers from before the decision was recorded have none.
                called or called_class(version, probabilities or {}),
                malignancy or 0.0,
                probabilities or {},
            )
            for image, called, malignancy, probabilities in answers
        },
    )


def _counts_as_malignant(comparison: Comparison) -> dict[str, bool]:
    """By class, as the model in service has it: both are measured by one truth."""
    return {
        kind["code"]: bool(kind.get("counts_as_malignant"))
        for version in (comparison.candidate, comparison.champion)
        for kind in version.classes
    }


def _is_malignant(row: DatasetRow, counts: Mapping[str, bool]) -> bool | None:
    """A dysplastic nevus is neither; actinic keratosis is in a class that counts as malignant."""
    if row.malignancy in {"benign", "malignant"}:
        return row.malignancy == "malignant"
    return True if counts.get(row.label) else None


def _cautions(comparison: Comparison, report: Mapping[str, Any]) -> list[str]:
    found = []
    sealed = DatasetRow.objects.filter(pk__in=compared_rows(comparison).values("pk"))
    for version in (comparison.candidate, comparison.champion):
        origins = origins_of(version)
        if not origins.are_known:
            found.append(
                f"What {version} learned from is not known here. If sealed patients were among it, "
                "it looks better than it is."
            )
        if learned := learned_rows(origins, sealed).distinct().count():
            found.append(
                f"{version} learned from patients of {learned} sealed images and looks better than "
                "it is."
            )
    if report["few"]:
        found.append(
            f"Fewer than ten sealed images are labelled {', '.join(report['few'])}: balanced "
            "accuracy moves by points with one of them."
        )
    return found
