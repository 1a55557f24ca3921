"""What can be done to a model, and what each act will change: said before it is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.errors import Conflict
from accounts.models import User
from clinic.models import OPEN_STATES, LesionImage, SealedTestSet
from inference.models import Comparison, ModelState, ModelVersion, PredictionState, Rescoring
from inference.selectors import active_model
from inference.selectors.models import previously_active
from inference.services import activate_model, retire_model, roll_back_model, shadow_model
from inference.services.comparisons import compare_models
from inference.services.comparisons.gate import SHORTEST_REASON, gate_sentence
from inference.services.installation import prepare_again
from inference.services.rescoring import UNFINISHED, cancel_rescoring, old_images_of, rescore


@dataclass(frozen=True)
class Plan:
    """A confirmation page: what will happen, and the button that says it.

    `closed` is why the gate before an activation is shut: then a reason has to be written.
    """

    consequences: list[str]
    button: str
    is_possible: bool = True
    closed: str = ""
    shortest_reason: int = SHORTEST_REASON


@dataclass(frozen=True)
class Act:
    """One thing to do: its name in addresses, its verb, its service.

    `fields` are what the service takes beside version and actor, by the names of the form.
    `page` is where the result stands, if it has a page of its own.
    """

    name: str
    verb: str
    service: Callable[..., Any]
    plan: Callable[[ModelVersion], Plan]
    done: Callable[[Any], str]
    states: frozenset[ModelState]
    fields: tuple[str, ...] = field(default=())
    page: Callable[[Any], str] | None = None


def offered_acts(version: ModelVersion) -> list[Act]:
    """The acts that make sense in the model's state."""
    acts = [act for act in ACTS.values() if version.state in act.states]
    if version.prepared_at is None:
        wanted = {"retire", "prepare"} if version.preparation_error else {"retire"}
        return [act for act in acts if act.name in wanted]
    left_out = {"prepare"}
    if previously_active(version) is None:
        left_out.add("roll-back")
    if version.state == ModelState.ACTIVE or active_model(version.task) is None:
        left_out.add("compare")
    left_out.add("rescore" if is_rescored(version) else "stop-rescoring")
    return [act for act in acts if act.name not in left_out]


def is_rescored(version: ModelVersion) -> bool:
    """Whether old images are put before it now."""
    return version.rescorings.filter(state__in=UNFINISHED).exists()


def _activation(version: ModelVersion) -> Plan:
    waiting = (
        LesionImage.objects.filter(case__state__in=OPEN_STATES)
        .exclude(predictions__model_version=version)
        .count()
    )
    consequences = [
        f"From now on people see the answers of {version}.",
        f"{_images(waiting)} of open cases that it has not answered {_are(waiting)} queued.",
    ]
    current, closed = active_model(version.task), gate_sentence(version)
    button = f"Activate {version} all the same" if closed else f"Activate {version}"
    if current is not None and current.pk != version.pk:
        consequences.insert(1, _retirement_sentence(current))
        button = f"{button} and retire {current}"
    return Plan(consequences, button, closed=closed)


def _comparison(version: ModelVersion) -> Plan:
    current = active_model(version.task)
    sealed = SealedTestSet.objects.select_related("version")
    images = sum(test_set.version.image_count for test_set in sealed)
    if current is None or not images:
        return Plan([_nothing_to_compare(version, current)], "", is_possible=False)
    consequences = [
        f"{version} and {current} answer {_images(images)} of the sealed test sets, unseen.",
        "Everything that somebody waits for is answered first.",
        "That the sealed test sets were used is written down, with your name.",
    ]
    if images < settings.COMPARISON_FEWEST_IMAGES:
        consequences.append(
            f"{_images(images)} are too few to decide: {settings.COMPARISON_FEWEST_IMAGES} are "
            "needed. You will see figures, and no verdict in its favour."
        )
    return Plan(consequences, f"Compare {version} with {current}")


def _nothing_to_compare(version: ModelVersion, current: ModelVersion | None) -> str:
    if current is None:
        return f"No model is in service, so there is nothing to compare {version} with."
    return (
        f"No organisation has a sealed test set yet, so {version} and {current} cannot be "
        "compared. An administrator sets one aside on the page of a data set."
    )


def _rescoring(version: ModelVersion) -> Plan:
    waiting = old_images_of(version).count()
    return Plan(
        [
            f"{version} answers {_images(waiting)} of the record that it was never asked about.",
            "Everything that somebody waits for is answered first, and it can be stopped.",
            "What readers were shown stays what the pages of their cases show.",
        ],
        f"Put {_images(waiting)} before {version}",
    )


def _stopping(version: ModelVersion) -> Plan:
    return Plan(
        ["What is answered stays in the record; the old images that wait are dropped."],
        f"Stop putting old images before {version}",
    )


def _compare(*, version: ModelVersion, actor: User) -> Comparison:
    return compare_models(candidate=version, actor=actor)


def _stop(*, version: ModelVersion, actor: User) -> Rescoring:
    job = version.rescorings.first()
    if job is None:
        raise Conflict(f"No old images are put before {version}.", code="not_rescored")
    return cancel_rescoring(rescoring=job, actor=actor)


def _shadowing(version: ModelVersion) -> Plan:
    return Plan(
        [
            f"{version} answers every new image beside the active model.",
            "Nobody sees its answers in the clinic; they are kept to compare the two.",
        ],
        f"Let {version} answer unseen",
    )


def _retirement(version: ModelVersion) -> Plan:
    consequences = [_retirement_sentence(version)]
    if version.state == ModelState.ACTIVE:
        consequences.append(
            "No model is in service then: new images are kept, and answered when one is activated."
        )
    return Plan(consequences, f"Retire {version}")


def _rolling_back(version: ModelVersion) -> Plan:
    previous = previously_active(version)
    if previous is None:
        return Plan([f"No model was in service before {version}."], "", is_possible=False)
    plan = _activation(previous)
    return Plan(plan.consequences, f"Put {previous} back into service and retire {version}")


def _preparation(version: ModelVersion) -> Plan:
    return Plan(
        [f"The last attempt ended with: {version.preparation_error}", "A worker tries again."],
        f"Prepare {version} again",
    )


def _retirement_sentence(version: ModelVersion) -> str:
    waiting = version.predictions.filter(state=PredictionState.QUEUED).count()
    dropped = f" {_images(waiting)} that wait for it {_are(waiting)} dropped." if waiting else ""
    return f"{version} answers no more images; what it has answered stays in the record.{dropped}"


def _images(count: int) -> str:
    return f"{count} image" if count == 1 else f"{count} images"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


_IDLE = frozenset({ModelState.CANDIDATE, ModelState.RETIRED})
_ANSWERING = frozenset({ModelState.CANDIDATE, ModelState.SHADOW, ModelState.ACTIVE})
_ACTS = (
    Act("compare", "Compare", _compare, _comparison,
        lambda done: f"{done.candidate} is compared with {done.champion}.",
        _IDLE | {ModelState.SHADOW}, page=lambda done: reverse("comparison", args=[done.pk])),
    Act("activate", "Activate", activate_model, _activation,
        lambda version: f"{version} is in service.", _IDLE | {ModelState.SHADOW},
        fields=("override_reason",)),
    Act("shadow", "Shadow", shadow_model, _shadowing,
        lambda version: f"{version} answers new images unseen.", _IDLE),
    Act("roll-back", "Roll back", roll_back_model, _rolling_back,
        lambda version: f"{version} is back in service.", frozenset({ModelState.ACTIVE})),
    Act("rescore", "Rescore old images", rescore, _rescoring,
        lambda job: f"{job.total} old images are put before {job.model_version}.", _ANSWERING),
    Act("stop-rescoring", "Stop rescoring", _stop, _stopping,
        lambda job: f"No more old images are put before {job.model_version}.", _ANSWERING),
    Act("retire", "Retire", retire_model, _retirement,
        lambda version: f"{version} is retired.", _ANSWERING),
    Act("prepare", "Prepare again", prepare_again, _preparation,
        lambda version: f"A worker prepares {version}.", _IDLE),
)  # fmt: skip
ACTS = {act.name: act for act in _ACTS}
