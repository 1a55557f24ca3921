"""Training runs in the administration: one's own, cancelled by operators."""

import pytest

from accounts.models import Organisation, User
from inference.models import RunState, TrainingRun
from tests.cast import signed_in
from tests.dataset_factories import a_version
from tests.factories import CaseFactory, LesionImageFactory, PatientFactory
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import operator

pytestmark = pytest.mark.django_db

LIST = "/admin/inference/trainingrun/"


@pytest.fixture
def run(northside: Organisation) -> TrainingRun:
    case = CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    return a_training_run(
        dataset_version=a_version(LesionImageFactory(case=case)), log="Epoch 1 of 12"
    )


def test_an_administrator_sees_runs_on_the_own_data_and_no_others(
    ada: User, run: TrainingRun
) -> None:
    elsewhere = a_training_run(recipe="densenet121")
    browser = signed_in(ada)
    html = browser.get(LIST).content.decode()
    assert "resnet18 on Nevi of spring" in html
    assert "densenet121" not in html
    page = browser.get(f"{LIST}{run.pk}/change/").content.decode()
    assert "Epoch 1 of 12" in page
    assert f"/training/{run.pk}/" in page
    assert browser.get(f"{LIST}{elsewhere.pk}/change/").status_code == 404


def test_an_operator_cancels_and_an_administrator_is_not_offered_it(
    ada: User, run: TrainingRun
) -> None:
    chosen = {"action": "cancel", "_selected_action": [str(run.pk)]}
    signed_in(ada).post(LIST, chosen)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED

    signed_in(operator(ada)).post(LIST, chosen)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
