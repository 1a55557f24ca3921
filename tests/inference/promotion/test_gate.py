"""A candidate takes another model's place after a comparison, or with a reason that stays."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import Conflict, InvalidInput
from accounts.models import User
from inference.models import ModelVersion
from inference.services import activate_model, retire_model, roll_back_model, shadow_model
from inference.services.comparisons import compare_models
from tests.factories import ModelVersionFactory
from tests.inference.conftest import write_untrained_package
from tests.inference.promotion.sealed_cases import passed
from tests.inference.retraining_rows import a_comparison

pytestmark = pytest.mark.django_db

REASON = "The old one is broken on the new dermatoscope."


def state(version: ModelVersion) -> str:
    version.refresh_from_db()
    return version.state


def test_without_a_comparison_it_is_refused_and_nothing_changes(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    with pytest.raises(Conflict, match=r"was not compared with resnet18 1\.0\.0") as refusal:
        activate_model(version=candidate, actor=operator)
    assert "Compare them first, or write a reason" in str(refusal.value)
    assert (state(champion), state(candidate)) == ("active", "candidate")
    a_comparison(candidate=candidate, champion=champion)
    with pytest.raises(Conflict, match="still being compared"):
        activate_model(version=candidate, actor=operator)


def test_a_comparison_that_was_passed_opens_the_gate(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    passed(candidate, champion)
    activate_model(version=candidate, actor=operator, override_reason="Not needed, not kept here.")
    assert (state(champion), state(candidate)) == ("retired", "active")
    assert candidate.override_reason == ""


def test_one_that_was_not_passed_keeps_it_shut_and_says_why(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    passed(candidate, champion)
    passed(candidate, champion, is_not_worse=False, note="Sensitivity may be 9.0 points lower.")
    with pytest.raises(Conflict, match=r"may be 9\.0 points lower"):
        activate_model(version=candidate, actor=operator)


def test_a_comparison_with_another_model_opens_nothing(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    passed(candidate, ModelVersionFactory(state="retired"))
    with pytest.raises(Conflict, match=r"was not compared with resnet18 1\.0\.0"):
        activate_model(version=candidate, actor=operator)


def test_a_reason_lets_it_pass_and_stays_for_good(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    for short in ("Because.", " " * 30, "x" * 19 + "   "):
        with pytest.raises((InvalidInput, Conflict)):
            activate_model(version=candidate, actor=operator, override_reason=short)
    assert state(champion) == "active"
    activate_model(version=candidate, actor=operator, override_reason=f"  {REASON} ")
    assert (state(champion), state(candidate)) == ("retired", "active")
    roll_back_model(version=candidate, actor=operator)
    activate_model(version=candidate, actor=operator)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.override_reason) == ("active", REASON)


def test_the_first_model_needs_nothing(operator: User) -> None:
    first = ModelVersionFactory(state="candidate")
    activate_model(version=first, actor=operator)
    assert (state(first), first.override_reason) == ("active", "")


def test_taking_the_other_out_of_service_first_is_no_way_around(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    retire_model(version=champion, actor=operator)
    with pytest.raises(Conflict, match=r"not compared with resnet18 1\.0\.0, which was in service"):
        activate_model(version=candidate, actor=operator)
    with pytest.raises(Conflict, match=r"Put resnet18 1\.0\.0 back into service first"):
        compare_models(candidate=candidate, actor=operator)
    activate_model(version=candidate, actor=operator, override_reason=REASON)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.override_reason) == ("active", REASON)


def test_what_was_passed_before_the_other_was_taken_out_of_service_still_counts(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    passed(candidate, champion)
    retire_model(version=champion, actor=operator)
    activate_model(version=candidate, actor=operator)
    assert state(candidate) == "active"


def test_rolling_back_and_coming_back_need_nothing(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    passed(candidate, champion)
    activate_model(version=candidate, actor=operator)
    assert roll_back_model(version=candidate, actor=operator) == champion
    shadow_model(version=candidate, actor=operator)
    activate_model(version=candidate, actor=operator)
    assert (state(champion), state(candidate)) == ("retired", "active")


def test_a_shadow_that_was_never_in_service_is_stopped_too(
    champion: ModelVersion, candidate: ModelVersion, operator: User
) -> None:
    shadow_model(version=candidate, actor=operator)
    with pytest.raises(Conflict, match="was not compared"):
        activate_model(version=candidate, actor=operator)


def test_the_command_takes_a_reason_too(champion: ModelVersion, tmp_path: Path) -> None:
    package = write_untrained_package(tmp_path / "package.zip")
    with pytest.raises(CommandError, match=r"was not compared with resnet18 1\.0\.0"):
        call_command("install_model", str(package), "--activate", stdout=StringIO())
    assert state(champion) == "active"
    said = StringIO()
    call_command(
        "install_model", str(package), "--activate", "--override-reason", REASON, stdout=said
    )
    assert "untrained 1.0.0 is active." in said.getvalue()
    assert ModelVersion.objects.get(name="untrained").override_reason == REASON
