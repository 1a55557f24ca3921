"""Every named rule of models and predictions, and of accounts, broken once."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import IdempotentAnswer
from inference.models import ImageFeatures
from tests.factories import (
    LesionImageFactory,
    MembershipFactory,
    ModelVersionFactory,
    PredictionFactory,
    UserFactory,
)
from tests.inference.monitoring_violations import MONITORING_VIOLATIONS
from tests.inference.retraining_rows import RETRAINING_VIOLATIONS

pytestmark = pytest.mark.django_db


def change(row: models.Model, **values: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def two_answers() -> None:
    first = PredictionFactory()
    PredictionFactory(image=first.image, model_version=first.model_version)


def two_memberships() -> None:
    first = MembershipFactory()
    MembershipFactory(user=first.user, organisation=first.organisation)


def the_same_model_twice() -> None:
    first = ModelVersionFactory(state="candidate")
    ModelVersionFactory(state="candidate", version=first.version)


def two_people_of_one_address() -> None:
    UserFactory(email="alice@northside.example")
    UserFactory(email="Alice@Northside.example")


def a_key_used_twice() -> None:
    user = UserFactory()
    for _ in range(2):
        IdempotentAnswer.objects.create(user=user, key="k", fingerprint="f", status=201)


VIOLATIONS: dict[str, Callable[[], object]] = {
    "one_answer_per_image_and_model_version": two_answers,
    "prediction_state_is_known": lambda: PredictionFactory(state="pondering"),
    "running_prediction_has_a_lease": lambda: PredictionFactory(state="running"),
    "answered_prediction_has_an_answer": lambda: PredictionFactory(state="succeeded"),
    "failed_prediction_has_a_reason": lambda: PredictionFactory(state="failed"),
    "prediction_strangeness_is_a_distance": lambda: PredictionFactory(strangeness=-0.1),
    "image_features_are_of_a_network": lambda: ImageFeatures.objects.create(
        prediction=PredictionFactory(answered=True), vector=[]
    ),
    "prediction_tries_are_bounded": lambda: PredictionFactory(attempts=4),
    "one_active_model_per_task": lambda: [ModelVersionFactory(), ModelVersionFactory()],
    "model_version_unique_in_task": the_same_model_twice,
    "model_state_is_known": lambda: ModelVersionFactory(state="beloved"),
    "model_in_service_is_prepared": lambda: ModelVersionFactory(prepared_at=None),
    "one_person_per_email_address": two_people_of_one_address,
    "one_role_per_person_and_organisation": two_memberships,
    "membership_role_is_known": lambda: MembershipFactory(role="passer-by"),
    "one_answer_per_idempotency_key": a_key_used_twice,
    **RETRAINING_VIOLATIONS,
    **MONITORING_VIOLATIONS,
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses_what_breaks_a_rule(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        VIOLATIONS[name]()
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "missing", [{"malignancy": None}, {"malignancy": 1.2}, {"probabilities": None}]
)
def test_an_answer_without_its_numbers_is_none(missing: dict[str, object]) -> None:
    prediction = PredictionFactory(image=LesionImageFactory(), answered=True)
    with pytest.raises(IntegrityError, match="answered_prediction_has_an_answer"):
        change(prediction, **missing)


def test_a_retired_model_may_be_unprepared() -> None:
    ModelVersionFactory(state="retired", prepared_at=None, retired_at=timezone.now())


def test_no_rule_is_left_out_of_these_tests() -> None:
    named = {
        constraint.name
        for app in ("accounts", "inference")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert named == set(VIOLATIONS)
