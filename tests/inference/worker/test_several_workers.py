"""Workers side by side, and workers that die: real threads and processes on PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from clinic.models import LesionImage
from inference.models import ModelVersion, Prediction
from inference.services import queue_predictions
from inference.services.leases import (
    ClaimedRow,
    claim_predictions,
    return_predictions,
    take_back_expired_leases,
)
from inference.services.outcomes import Outcome, record_outcomes
from inference.tasks import sweep_task
from tests.factories import PredictionFactory

pytestmark = pytest.mark.django_db(transaction=True)

Picture = Callable[..., LesionImage]


def answer(prediction: ClaimedRow, malignancy: float) -> Outcome:
    from inference.models import PredictionState

    return Outcome(
        prediction.pk,
        PredictionState.SUCCEEDED,
        probabilities={"mel": malignancy, "nv": 1 - malignancy},
        top_class="mel",
        malignancy=malignancy,
        uncertainty=0.1,
    )


def expire_leases() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Prediction.objects.filter(state="running").update(lease_expires_at=past)


def test_workers_that_claim_at_the_same_time_never_get_the_same_row(
    active_model: ModelVersion, picture: Picture
) -> None:
    for _ in range(60):
        PredictionFactory(image=picture(), model_version=active_model)
    start = threading.Barrier(6)

    def work(name: int) -> list[Any]:
        start.wait()
        keys = []
        try:
            while claim := claim_predictions(worker=f"w{name}", limit=4):
                keys += [row.pk for row in claim.rows]
        finally:
            connections.close_all()
        return keys

    with ThreadPoolExecutor(6) as threads:
        claimed = [key for keys in threads.map(work, range(6)) for key in keys]

    assert max(Counter(claimed).values()) == 1
    assert len(claimed) == 60


def test_two_drains_answer_every_image_once(
    active_model: ModelVersion, picture: Picture, drain: Callable[..., Any]
) -> None:
    queue_predictions(images=[picture() for _ in range(40)])

    def work(_: int) -> int:
        try:
            return drain().stored
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        stored = sum(threads.map(work, range(2)))

    assert stored == 40
    assert Prediction.objects.filter(state="succeeded", attempts=1).count() == 40


WORKER_THAT_HANGS = """
import django, sys, time
django.setup()
from inference.services.leases import claim_predictions
claim = claim_predictions(worker="doomed", limit=8)
print(len(claim.rows), flush=True)
time.sleep(60)
"""


def test_a_killed_workers_rows_come_back_when_the_lease_has_expired(
    active_model: ModelVersion, picture: Picture, drain: Callable[..., Any]
) -> None:
    queue_predictions(images=[picture() for _ in range(3)])
    environment = os.environ | {"DATABASE_URL": _address_of_the_test_database()}
    with subprocess.Popen(
        [sys.executable, "-c", WORKER_THAT_HANGS],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=environment,
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "3"
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    assert take_back_expired_leases().queued == 0, "its lease has not expired yet"
    expire_leases()
    assert take_back_expired_leases().queued == 3
    drain()
    assert Prediction.objects.filter(state="succeeded", attempts=2).count() == 3


def _address_of_the_test_database() -> str:
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{base.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}" + (
        f"?{query}" if query else ""
    )


def test_an_image_that_kills_its_worker_three_times_fails_and_says_so(
    active_model: ModelVersion, picture: Picture
) -> None:
    queue_predictions(images=[picture()])
    for _ in range(3):
        assert claim_predictions(worker="doomed", limit=8) is not None
        expire_leases()
        taken = take_back_expired_leases()

    prediction = Prediction.objects.get()
    assert (taken.queued, taken.failed) == (0, 1)
    assert prediction.state == "failed"
    assert prediction.reason.startswith("The worker stopped 3 times")
    assert claim_predictions(worker="next", limit=8) is None


def test_an_answer_that_comes_after_its_lease_was_taken_back_is_ignored(
    active_model: ModelVersion, picture: Picture
) -> None:
    queue_predictions(images=[picture(), picture()])
    late = claim_predictions(worker="late", limit=1)
    expire_leases()
    take_back_expired_leases()
    first, second = None, None
    while claim := claim_predictions(worker="quick", limit=1):
        first, second = claim, first
    assert late
    assert first
    assert second
    row = late.rows[0]
    quick = next(claim for claim in (first, second) if claim.rows[0].pk == row.pk)

    # While the quick one is still at it, and after it has answered.
    assert record_outcomes(token=late.token, outcomes=[answer(row, 0.9)]) == set()
    assert record_outcomes(token=quick.token, outcomes=[answer(row, 0.2)]) == {row.pk}
    assert record_outcomes(token=late.token, outcomes=[answer(row, 0.9)]) == set()
    assert return_predictions(token=late.token, keys=[row.pk]) == 0

    prediction = Prediction.objects.get(pk=row.pk)
    assert prediction.malignancy == 0.2
    assert prediction.attempts == 2


def test_an_answer_being_written_while_the_sweep_runs_is_kept(
    active_model: ModelVersion, picture: Picture
) -> None:
    """The row is locked by the worker that answers it, so the sweep passes it by."""
    queue_predictions(images=[picture()])
    claim = claim_predictions(worker="slow", limit=1)
    assert claim
    expire_leases()
    written, swept = threading.Event(), threading.Event()

    def write() -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                record_outcomes(token=claim.token, outcomes=[answer(claim.rows[0], 0.4)])
                written.set()
                swept.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    written.wait(10)
    taken = take_back_expired_leases()
    swept.set()
    thread.join()

    assert (taken.queued, taken.failed) == (0, 0)
    assert Prediction.objects.get().state == "succeeded"


def test_an_image_removed_while_it_is_answered_disturbs_nobody(
    active_model: ModelVersion, picture: Picture, drain: Callable[..., Any], rule: Any
) -> None:
    gone, stays = picture(), picture()
    queue_predictions(images=[gone, stays])
    rule.before = lambda _: LesionImage.objects.filter(pk=gone.pk).delete()

    drain()

    assert Prediction.objects.get().image == stays
    assert Prediction.objects.get().state == "succeeded"


def test_the_sweep_rings_only_when_something_is_due(
    active_model: ModelVersion, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[float] = []
    monkeypatch.setattr(
        "inference.services.doorbell.ring_doorbell", lambda: rung.append(time.monotonic())
    )
    sweep_task()
    assert not rung
    prediction = PredictionFactory(image=picture(), model_version=active_model)
    Prediction.objects.update(not_before=timezone.now() + timedelta(minutes=5))
    sweep_task()
    assert not rung
    Prediction.objects.filter(pk=prediction.pk).update(not_before=None)
    sweep_task()
    assert len(rung) == 1


def test_the_sweep_queues_an_image_that_was_stored_while_the_model_changed(
    active_model: ModelVersion, picture: Picture
) -> None:
    forgotten, fresh = picture(), picture()
    long_ago = timezone.now() - timedelta(minutes=3)
    LesionImage.objects.filter(pk=forgotten.pk).update(created_at=long_ago)

    sweep_task()

    assert Prediction.objects.get().image == forgotten
    assert fresh.predictions.count() == 0, "its own transaction may not have ended"


def test_the_sweep_gives_a_case_the_malignancy_that_a_dying_worker_left_out(
    active_model: ModelVersion, picture: Picture, case: Any
) -> None:
    PredictionFactory(image=picture(), model_version=active_model, answered=True, malignancy=0.7)

    sweep_task()

    case.refresh_from_db()
    assert case.malignancy == 0.7
