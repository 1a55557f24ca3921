"""Alerts: opened when a threshold is passed, closed when it is no longer, one of each."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.statistics.intervals import Tally
from inference.models import ModelVersion, Prediction, ServiceAlert
from inference.monitoring.thresholds import (
    Thresholds,
    agreement_finding,
    calibration_finding,
    queue_finding,
    share_finding,
    wait_finding,
)
from inference.services.monitoring import acknowledge_alert, watch_models
from inference.tasks import watch_models_task
from tests.cast import signed_in
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.monitoring_rows import a_service_alert, add_answers, sign

pytestmark = pytest.mark.django_db
LIMITS = Thresholds()


@pytest.fixture
def model(db: None) -> ModelVersion:
    return ModelVersionFactory(name="resnet18", version="2.0.1", state="active")


def open_measures(organisation: Organisation | None = None) -> set[tuple[str, str]]:
    alerts = ServiceAlert.objects.filter(closed_at__isnull=True, organisation=organisation)
    return set(alerts.values_list("measure", "subgroup"))


def test_a_few_failures_are_no_alert_and_many_are() -> None:
    few = share_finding("failures", Tally(1, 10), 0.05, "got no answer")
    many = share_finding("failures", Tally(20, 100), 0.05, "got no answer")
    assert few is None
    assert many is not None
    assert many.sentence == "20 % (13 to 29 %) got no answer (20 of 100)."


def test_waits_pass_where_surely_more_than_a_twentieth_was_too_long() -> None:
    assert wait_finding(Tally(1, 10), 90, LIMITS) is None
    assert wait_finding(Tally(0, 0), 0, LIMITS) is None
    assert wait_finding(Tally(30, 200), 90, LIMITS) is not None


def test_a_queue_is_old_or_it_is_not() -> None:
    assert queue_finding(599, 3, LIMITS) is None
    assert queue_finding(601, 0, LIMITS) is None
    found = queue_finding(3000, 3, LIMITS)
    assert found is not None
    assert found.sentence == "The oldest of 3 queued images has waited 50 min."


def test_calibration_and_agreement_need_twenty_lesions() -> None:
    assert calibration_finding(0.9, Tally(0, 19), LIMITS) is None
    assert calibration_finding(0.9, Tally(0, 20), LIMITS) is not None
    assert calibration_finding(0.2, Tally(4, 20), LIMITS) is None
    assert agreement_finding(Tally(0, 19), LIMITS) is None
    assert agreement_finding(Tally(4, 20), LIMITS) is not None
    assert agreement_finding(Tally(9, 20), LIMITS) is None


def test_an_alert_is_opened_once_and_closed_when_the_cause_is_gone(
    northside: Organisation, southside: Organisation, model: ModelVersion
) -> None:
    case = add_answers(1, organisation=northside, model=model)[0].image.case
    waiting = PredictionFactory(
        image__case=case, model_version=model, queued_at=timezone.now() - timedelta(hours=2)
    )
    assert watch_models() == 2
    assert open_measures(northside) == {("queue_age", "")} == open_measures()
    assert open_measures(southside) == set()
    first = ServiceAlert.objects.get(organisation=northside)
    assert watch_models_task() == 2
    again = ServiceAlert.objects.get(organisation=northside)
    assert (again.pk, again.opened_at) == (first.pk, first.opened_at)
    assert again.seen_at > first.seen_at
    Prediction.objects.filter(pk=waiting.pk).delete()
    assert watch_models() == 0
    assert ServiceAlert.objects.filter(closed_at__isnull=True).count() == 0
    PredictionFactory(
        image__case=case, model_version=model, queued_at=timezone.now() - timedelta(hours=2)
    )
    watch_models()
    assert ServiceAlert.objects.filter(organisation=northside).count() == 2


def test_what_has_drifted_is_named(northside: Organisation, model: ModelVersion) -> None:
    add_answers(500, organisation=northside, model=model, ago=timedelta(weeks=30))
    add_answers(200, organisation=northside, model=model, seed=8, sharpness=-0.8)
    watch_models()
    assert open_measures(northside) == {("sharpness", "")}
    assert ServiceAlert.objects.get(organisation=northside).sentence.startswith(
        "Sharpness moved: stability index"
    )


def test_a_subgroup_has_an_alert_of_its_own(
    northside: Organisation, dana: User, model: ModelVersion
) -> None:
    sign(24, organisation=northside, reader=dana, model=model, called="mel", malignancy=0.1)
    watch_models()
    assert {("agreement", ""), ("agreement", "female"), ("agreement", "upper extremity")} <= (
        open_measures(northside)
    )


def test_alerts_about_a_model_that_is_no_longer_active_are_closed(
    northside: Organisation, model: ModelVersion
) -> None:
    old = ModelVersionFactory(state="retired", version="0.9.0")
    alert = a_service_alert(add_answers(1, organisation=northside, model=old)[0])
    watch_models()
    alert.refresh_from_db()
    assert not alert.is_open


def test_looking_at_a_second_organisation_costs_no_more_than_the_first(
    northside: Organisation, model: ModelVersion
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            watch_models()
        return len(captured)

    one = queries()
    Organisation.objects.create(name="Westside", slug="westside")
    assert queries() - one <= 16


def test_an_alert_is_acknowledged_with_a_note(
    northside: Organisation, ada: User, model: ModelVersion
) -> None:
    alert = a_service_alert(add_answers(1, organisation=northside, model=model)[0])
    client = signed_in(ada)
    url = reverse("monitoring-acknowledge", args=[alert.pk])
    page = client.post(url, {"note": " A second worker starts today. "}, follow=True)
    assert "Your note stands beside the alert." in page.content.decode()
    assert "“A second worker starts today.”" in page.content.decode()
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.is_open) == (ada, True)


@pytest.mark.parametrize("note", ["", "   ", "x" * 501])
def test_a_note_says_something_in_a_few_words(
    note: str, northside: Organisation, ada: User, model: ModelVersion
) -> None:
    alert = a_service_alert(add_answers(1, organisation=northside, model=model)[0])
    with pytest.raises(InvalidInput):
        acknowledge_alert(alert=alert, actor=ada, note=note)


def test_nobody_else_acknowledges(
    northside: Organisation, alice: User, bob: User, model: ModelVersion
) -> None:
    answer = add_answers(1, organisation=northside, model=model)[0]
    alert, together = a_service_alert(answer), a_service_alert(answer, organisation=None)
    for person in (alice, bob):
        with pytest.raises(NotAllowed):
            acknowledge_alert(alert=alert, actor=person, note="Known.")
    bob.user_permissions.add(Permission.objects.get(codename="operate_models"))
    operator = User.objects.get(pk=bob.pk)
    assert acknowledge_alert(alert=together, actor=operator, note="Known.").note == "Known."
