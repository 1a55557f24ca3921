"""Training runs, comparisons and rescorings as rows, and each of their rules broken once."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from inference.models import Comparison, ModelVersion, Rescoring, TrainingRun
from tests.dataset_factories import a_version
from tests.factories import ModelVersionFactory

MARGINS = {"balanced_accuracy": 0.02, "sensitivity": 0.02}


def a_training_run(**values: Any) -> TrainingRun:
    """A run that waits for a machine."""
    if "dataset_version" not in values:
        values["dataset_version"] = a_version()
    return TrainingRun.objects.create(**{"recipe": "resnet18", **values})


def a_candidate(**values: Any) -> ModelVersion:
    return ModelVersionFactory(state="candidate", **values)


def a_comparison(**values: Any) -> Comparison:
    """One that waits for answers."""
    for side in ("candidate", "champion"):
        if side not in values:
            values[side] = a_candidate()
    return Comparison.objects.create(**{"margins": MARGINS, **values})


def a_rescoring(**values: Any) -> Rescoring:
    if "model_version" not in values:
        values["model_version"] = a_candidate()
    return Rescoring.objects.create(**values)


def against_itself() -> None:
    model = a_candidate()
    a_comparison(candidate=model, champion=model)


def compared_twice() -> None:
    first = a_comparison()
    a_comparison(candidate=first.candidate, champion=first.champion)


RETRAINING_VIOLATIONS: dict[str, Callable[[], object]] = {
    "training_run_state_is_known": lambda: a_training_run(
        state="asleep", finished_at=timezone.now()
    ),
    "running_training_has_a_lease": lambda: a_training_run(state="running"),
    "failed_training_has_a_reason": lambda: a_training_run(
        state="failed", finished_at=timezone.now()
    ),
    "finished_training_has_a_candidate": lambda: a_training_run(
        state="succeeded", finished_at=timezone.now()
    ),
    "ended_training_has_a_time": lambda: a_training_run(state="cancelled"),
    "comparison_state_is_known": lambda: a_comparison(state="pondering"),
    "finished_comparison_has_a_verdict": lambda: a_comparison(state="finished"),
    "a_model_is_not_compared_with_itself": against_itself,
    "one_comparison_of_two_models_at_a_time": compared_twice,
    "rescoring_state_is_known": lambda: a_rescoring(state="asleep"),
    "one_rescoring_of_a_model_at_a_time": lambda: a_rescoring(
        model_version=a_rescoring().model_version
    ),
}
