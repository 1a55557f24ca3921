"""What the pages show of the model's answers: one row an image, and how far the case is."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from clinic.models import Case, ImageKind, LesionImage
from clinic.selectors.blindness import may_see_model
from inference.answers import case_answers
from inference.lesion_answers import ImageAnswer
from inference.models import ModelState, PredictionState
from inference.selectors import active_model
from inference.services.requeue import may_ask_again


@dataclass(frozen=True)
class ShownAnswer:
    """One image with its answer, or with the reason why there is none."""

    image: LesionImage
    answer: ImageAnswer | None
    model_in_service: bool
    may_retry: bool
    is_withheld: bool = False

    @property
    def alt(self) -> str:
        """What the picture shows, for those who cannot see it."""
        return f"{self.image.get_kind_display()} image of lesion {self.image.lesion.number}"

    @property
    def state(self) -> str:
        """The prediction's state, or `none`, or `withheld` from a blind reader."""
        if self.is_withheld:
            return "withheld"
        return str(self.answer.prediction.state) if self.answer else "none"

    @property
    def is_pending(self) -> bool:
        """Whether the page should go on asking."""
        return self.answer is not None and self.answer.is_pending

    @property
    def token(self) -> str:
        """What the page sends back of an image that waits: enough to see that it has changed."""
        return f"{self.image.pk.hex[:10]}{self.state[0]}"

    @property
    def is_superseded(self) -> bool:
        """Whether the model that answered is no longer in service."""
        return (
            self.answer is not None
            and self.answer.prediction.model_version.state != ModelState.ACTIVE
        )

    @property
    def can_retry(self) -> bool:
        """Whether asking again makes sense: it failed, and its model still answers."""
        return self.state == PredictionState.FAILED and not self.is_superseded and self.may_retry

    @property
    def is_outside_training(self) -> bool:
        """The models in service learn from dermoscopic pictures only."""
        return self.image.kind != ImageKind.DERMOSCOPIC


@dataclass(frozen=True)
class CaseProgress:
    """How many images of a case have their answer."""

    total: int
    answered: int
    failed: int
    pending: int

    @property
    def sentence(self) -> str:
        """For the line above the images, and for a screen reader when it changes."""
        if self.pending or self.failed:
            failed = f", {self.failed} failed" if self.failed else ""
            return f"{self.answered} of {self.total} images answered{failed}"
        if not self.answered:
            return ""
        return "The image is answered" if self.total == 1 else f"All {self.total} images answered"


@dataclass(frozen=True)
class AnswersOfCase:
    """Everything the case page needs, in four queries whatever the number of images."""

    case: Case
    by_image: dict[UUID, ImageAnswer]
    model_in_service: bool
    may_retry: bool
    is_withheld: bool

    def shown(self, image: LesionImage) -> ShownAnswer:
        """One image's row."""
        return ShownAnswer(
            image,
            self.by_image.get(image.pk),
            self.model_in_service,
            self.may_retry,
            self.is_withheld,
        )

    def progress(self) -> CaseProgress:
        """Over the images that the model was asked about."""
        states = [answer.prediction.state for answer in self.by_image.values()]
        return CaseProgress(
            total=len(states),
            answered=states.count(PredictionState.SUCCEEDED),
            failed=states.count(PredictionState.FAILED),
            pending=sum(answer.is_pending for answer in self.by_image.values()),
        )


def load_answers(*, user: User, case: Case) -> AnswersOfCase:
    """Load a case's answers for one person."""
    by_image = case_answers(user=user, case=case).images
    return AnswersOfCase(
        case=case,
        by_image=by_image,
        # Whoever sees an answer may; only an empty page has to ask why it is empty.
        is_withheld=not by_image and not may_see_model(user, case),
        model_in_service=active_model() is not None,
        may_retry=may_ask_again(user, case.organisation_id),
    )


def changed(
    answers: AnswersOfCase, images: Iterable[LesionImage], known: set[str]
) -> list[ShownAnswer]:
    """The images whose state is not what the page says it shows.

    Only an image that waits can change by itself, so the page names those (`token`) and no other.
    """
    waiting = {token[:-1] for token in known}
    rows = (answers.shown(image) for image in images)
    return [row for row in rows if row.image.pk.hex[:10] in waiting and row.token not in known]
