"""A training run in a browser: started, watched as it goes on, cancelled, found again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import DatasetVersion
from inference.models import RunState, TrainingRun
from inference.services.training.leases import claim_training, report_training
from tests.factories import ModelVersionFactory
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import frozen_pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
LOG = "\n".join(f"Epoch {number} of 12 at 128 px: loss {2 / number:.3f}" for number in range(1, 60))


def epochs(count: int) -> list[dict[str, Any]]:
    """Validated every second epoch, as recipes do."""
    rows = []
    for number in range(1, count + 1):
        row: dict[str, Any] = {"epoch": number, "loss": 2.1 - 0.11 * number, "rate": 0.001}
        if number % 2 == 0:
            row |= {
                "balanced_accuracy": 0.3 + 0.035 * number,
                "macro_auc": 0.8,
                "validation_loss": 1.4,
            }
        rows.append(row)
    return rows


@pytest.fixture
def version(taxonomy: None, northside: Organisation) -> DatasetVersion:
    return frozen_pictures(northside)


@pytest.fixture
def running(version: DatasetVersion, ada: User) -> TrainingRun:
    a_training_run(dataset_version=version, requested_by=ada, settings=["stages=6@128,6@192"])
    claimed = claim_training(machine="gpu-1")
    assert claimed is not None
    report_training(
        claimed=claimed, stage="Epoch 7 of 12", done=41, total=230, epochs=epochs(6), log=LOG
    )
    return TrainingRun.objects.get()


def test_a_run_is_started_from_the_version_and_refused_in_a_sentence(
    signed_in: SignedIn,
    operating_ada: User,
    version: DatasetVersion,
    assert_accessible: Callable[..., None],
    watch: Any,
) -> None:
    watch.allow("status of 422")
    ModelVersionFactory(architecture="densenet121", name="densenet121", version="1.0.0")
    page = signed_in(operating_ada)
    page.goto(f"/data-sets/versions/{version.pk}/")
    page.get_by_role("link", name="Train on this version").click()
    page.get_by_role("radio", name="resnet18:").check()
    page.get_by_label("Start from the weights of").select_option(
        label="densenet121 1.0.0, active (densenet121)"
    )
    page.get_by_label("Changes to the recipe").fill("batch_size=4\nstages=1@48")
    page.get_by_role("button", name="Start the training").click()
    expect(page.locator("#id_start_from_error")).to_contain_text("start from a model of the same")
    assert_accessible(page)
    page.get_by_label("Start from the weights of").select_option(index=0)
    page.get_by_role("button", name="Start the training").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("resnet18, seed 1")
    expect(page.locator("#training-state")).to_contain_text("Waiting for a machine")
    run = TrainingRun.objects.get()
    assert run.settings == ["batch_size=4", "stages=1@48"]
    page.goto(f"/data-sets/versions/{version.pk}/")
    expect(page.get_by_role("table", name="Training runs on this version")).to_contain_text(
        "Waiting"
    )


def test_the_page_follows_the_run_to_its_end_and_stops_asking(
    signed_in: SignedIn, operating_ada: User, running: TrainingRun
) -> None:
    page = signed_in(operating_ada)
    page.goto(f"/training/{running.pk}/")
    expect(page.locator("#training-state")).to_contain_text("Epoch 7 of 12")
    expect(page.locator("#training-epochs tbody tr")).to_have_count(6)
    drawn = "Chart.getChart(document.querySelector('[data-curve=loss] canvas')).data.labels.length"
    page.wait_for_function(f"{drawn} === 6")
    at_end = "(() => { const log = document.getElementById('training-log');"
    at_end += " return log.scrollHeight - log.scrollTop - log.clientHeight < 24; })()"
    assert page.evaluate(at_end)
    cancel = page.get_by_role("link", name="Cancel the run")
    cancel.focus()

    TrainingRun.objects.filter(pk=running.pk).update(epochs=epochs(8), stage="Epoch 9 of 12")
    expect(page.locator("#training-epochs tbody tr")).to_have_count(8)
    page.wait_for_function(f"{drawn} === 8")
    expect(cancel).to_be_focused()

    candidate = ModelVersionFactory(state="candidate", version="2.1.0")
    TrainingRun.objects.filter(pk=running.pk).update(
        state=RunState.SUCCEEDED, finished_at=timezone.now(), candidate=candidate, stage=""
    )
    expect(page.get_by_role("link", name="Open resnet18 2.1.0")).to_be_visible()
    expect(page.locator("#training-state")).to_contain_text("Finished")
    expect(page.locator("#training-lineage")).to_contain_text(candidate.digest)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2600)
    assert asked == [], "nothing changes any more"


def test_a_log_that_somebody_reads_stays_where_it_is(
    signed_in: SignedIn, operating_ada: User, running: TrainingRun
) -> None:
    page = signed_in(operating_ada)
    page.goto(f"/training/{running.pk}/")
    log = page.locator("#training-log")
    log.evaluate("log => { log.scrollTop = 10; log.focus(); }")
    TrainingRun.objects.filter(pk=running.pk).update(log=f"{LOG}\nThe newest line")
    expect(log).to_contain_text("The newest line")
    assert log.evaluate("log => log.scrollTop") == 10
    expect(log).to_be_focused()


def test_cancelling_asks_first_and_by_keyboard(
    signed_in: SignedIn, operating_ada: User, running: TrainingRun
) -> None:
    page = signed_in(operating_ada)
    page.goto(f"/training/{running.pk}/")
    page.get_by_role("link", name="Cancel the run").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel this training run")
    page.get_by_role("button", name="Cancel the run").press("Enter")
    expect(page.locator("#training-state")).to_contain_text("It is being cancelled")
    expect(page.get_by_role("link", name="Cancel the run")).to_have_count(0)
    running.refresh_from_db()
    assert running.cancel_requested_at is not None


def test_a_lost_run_says_why_and_is_tried_again(
    signed_in: SignedIn, operating_ada: User, running: TrainingRun
) -> None:
    TrainingRun.objects.filter(pk=running.pk).update(
        state=RunState.LOST,
        reason="The machine has not been heard from.",
        finished_at=timezone.now(),
        settings=["batch_size=4"],
    )
    page = signed_in(operating_ada)
    page.goto(f"/training/{running.pk}/")
    expect(page.locator("#training-state")).to_contain_text("has not been heard from")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#training-state")).to_contain_text("Waiting for a machine")


def test_an_administrator_who_is_no_operator_looks_and_starts_nothing(
    signed_in: SignedIn, ada: User, running: TrainingRun
) -> None:
    page = signed_in(ada)
    page.goto(f"/training/{running.pk}/")
    expect(page.locator("#training-state")).to_contain_text("Epoch 7 of 12")
    expect(page.get_by_role("link", name="Cancel the run")).to_have_count(0)
    page.goto(f"/data-sets/versions/{running.dataset_version_id}/")
    expect(page.get_by_role("heading", name="Training runs")).to_be_visible()
    expect(page.get_by_role("link", name="Train on this version")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 820, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_nothing_scrolls_sideways(
    signed_in: SignedIn,
    operating_ada: User,
    running: TrainingRun,
    assert_accessible: Callable[..., None],
    width: int,
    scheme: str,
) -> None:
    page = signed_in(operating_ada, width=width, color_scheme=scheme)
    version = running.dataset_version_id
    for address in (
        "/training/",
        f"/training/{running.pk}/",
        f"/training/on/{version}/",
        f"/training/{running.pk}/cancel/",
    ):
        page.goto(address)
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} px wide"
