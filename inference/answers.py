"""What the model in service says about a case, put together for a reader's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from clinic.models import CLOSED_STATES, Case
from inference.lesion_answers import ImageAnswer, LesionAnswer, rank_of
from inference.models import Prediction
from inference.selectors.predictions import unblinded_predictions, was_ever_shown
from inference.shown import Shown, shown_opinions


@dataclass(frozen=True)
class CaseAnswers:
    """Answers by image and by lesion."""

    images: dict[UUID, ImageAnswer]
    lesions: dict[UUID, LesionAnswer]


def case_answers(*, user: User, case: Case) -> CaseAnswers:
    """The answers that this person may see, in two queries: what was shown, else the active
    model's, else the newest.

    A model that came later does not rewrite what a reader saw: where an opinion on a lesion is on
    record, the answers of the version that gave it are shown; of an open case that is the person's
    own record, because what a colleague saw binds nobody who still decides. Of a closed case
    without a record, the answers that were there when it was closed come first.
    """
    is_closed = case.state in CLOSED_STATES
    shown = shown_opinions(case, None if is_closed else user)
    versions = {opinion.version for opinion in shown.values()}
    predictions = unblinded_predictions(user).filter(
        was_ever_shown() | Q(model_version__in=versions), image__case=case
    )
    closed_at = case.finalised_at if is_closed else None
    return answers_among(predictions, shown=shown, closed_at=closed_at)


def answers_among(
    predictions: QuerySet[Prediction],
    *,
    shown: Mapping[UUID, Shown] | None = None,
    closed_at: datetime | None = None,
) -> CaseAnswers:
    """One answer an image, put together by lesion, in one query."""
    predictions = (
        predictions.select_related("model_version", "image")
        # A card and the figures run to 40 kB, and would come along with every row.
        .defer("model_version__card", "model_version__metrics", "model_version__training")
        .order_by("image__lesion__number", "image__created_at", "image_id")
    )
    shown = shown or {}
    chosen: dict[UUID, Prediction] = {}
    for prediction in predictions:
        on_record = shown.get(prediction.image.lesion_id)
        if on_record is not None and on_record.version != prediction.model_version_id:
            continue
        other = chosen.get(prediction.image_id)
        if other is None or _rank(prediction, closed_at) > _rank(other, closed_at):
            chosen[prediction.image_id] = prediction
    images = {
        key: _image_answer(prediction, shown.get(prediction.image.lesion_id), closed_at)
        for key, prediction in chosen.items()
    }
    lesions: dict[UUID, LesionAnswer] = {}
    for answer in images.values():
        lesions.setdefault(answer.prediction.image.lesion_id, LesionAnswer()).images.append(answer)
    return CaseAnswers(images, lesions)


def _image_answer(
    prediction: Prediction, on_record: Shown | None, closed_at: datetime | None
) -> ImageAnswer:
    if on_record is not None and (
        on_record.holds(prediction.image_id) or _was_there(prediction, on_record.at)
    ):
        return ImageAnswer(prediction, shown_at=on_record.at)
    is_late = closed_at is not None and not _was_there(prediction, closed_at)
    return ImageAnswer(prediction, is_late=is_late)


def _was_there(prediction: Prediction, moment: datetime) -> bool:
    return prediction.finished_at is not None and prediction.finished_at <= moment


def _rank(prediction: Prediction, closed_at: datetime | None = None) -> tuple[bool, bool, datetime]:
    in_time = closed_at is None or _was_there(prediction, closed_at)
    return in_time, *rank_of(prediction)
