"""What can be done to a model, and what each act will change: said before it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from clinic.models import OPEN_STATES, LesionImage
from inference.models import ModelState, ModelVersion, PredictionState
from inference.selectors import active_model
from inference.selectors.models import previously_active
from inference.services import activate_model, retire_model, roll_back_model, shadow_model
from inference.services.installation import prepare_again


@dataclass(frozen=True)
class Plan:
    """A confirmation page: what will happen, and the button that says it."""

    consequences: list[str]
    button: str
    is_possible: bool = True


@dataclass(frozen=True)
class Act:
    """One thing to do: its name in addresses, its verb, its service."""

    name: str
    verb: str
    service: Callable[..., ModelVersion]
    plan: Callable[[ModelVersion], Plan]
    done: Callable[[ModelVersion], str]
    states: frozenset[ModelState]


def offered_acts(version: ModelVersion) -> list[Act]:
    """The acts that make sense in the model's state."""
    acts = [act for act in ACTS.values() if version.state in act.states]
    if version.prepared_at is None:
        wanted = {"retire", "prepare"} if version.preparation_error else {"retire"}
        return [act for act in acts if act.name in wanted]
    if previously_active(version) is None:
        acts = [act for act in acts if act.name != "roll-back"]
    return [act for act in acts if act.name != "prepare"]


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
    current = active_model(version.task)
    if current is None or current.pk == version.pk:
        return Plan(consequences, f"Activate {version}")
    consequences.insert(1, _retirement_sentence(current))
    return Plan(consequences, f"Activate {version} and retire {current}")


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
_ACTS = (
    Act("activate", "Activate", activate_model, _activation,
        lambda version: f"{version} is in service.", _IDLE | {ModelState.SHADOW}),
    Act("shadow", "Shadow", shadow_model, _shadowing,
        lambda version: f"{version} answers new images unseen.", _IDLE),
    Act("roll-back", "Roll back", roll_back_model, _rolling_back,
        lambda version: f"{version} is back in service.", frozenset({ModelState.ACTIVE})),
    Act("retire", "Retire", retire_model, _retirement,
        lambda version: f"{version} is retired.",
        frozenset({ModelState.CANDIDATE, ModelState.SHADOW, ModelState.ACTIVE})),
    Act("prepare", "Prepare again", prepare_again, _preparation,
        lambda version: f"A worker prepares {version}.", _IDLE),
)  # fmt: skip
ACTS = {act.name: act for act in _ACTS}
