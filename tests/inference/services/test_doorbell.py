"""The bell never keeps a request waiting, and rings once a transaction."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from accounts import doorbell as bells
from clinic.models import LesionImage
from inference.models import ModelVersion, Prediction
from inference.services import doorbell, queue_predictions

Picture = Callable[..., LesionImage]


@pytest.fixture(autouse=True)
def _not_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "_quiet_until", 0.0)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Send this process's messages to another broker."""

    def use(url: str) -> None:
        monkeypatch.setitem(current_app.conf, "broker_url", url)
        monkeypatch.setitem(current_app.conf, "broker_write_url", url)

    return use


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["closed", "mute"])
def test_an_image_is_queued_though_the_broker_is_down(
    kind: str,
    active_model: ModelVersion,
    picture: Picture,
    broker: Callable[[str], None],
    mute_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker(f"redis://127.0.0.1:{closed_port() if kind == 'closed' else mute_port}/0")
    began = time.monotonic()

    with caplog.at_level(logging.WARNING), transaction.atomic():
        queue_predictions(images=[picture()])
    first = time.monotonic() - began
    for _ in range(20):
        queue_predictions(images=[picture()])

    assert Prediction.objects.filter(state="queued").count() == 21
    assert "the sweep will see to it" in caplog.text
    # Not a measurement: without a bound this takes minutes.
    assert first < 10
    assert sum("doorbell" in record.name for record in caplog.records) == 1


@pytest.mark.django_db(transaction=True)
def test_thousands_of_images_in_a_transaction_ring_once(
    active_model: ModelVersion, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = _count_rings(monkeypatch)

    with transaction.atomic():
        for _ in range(5):
            with transaction.atomic():
                queue_predictions(images=[picture()])
        queue_predictions(images=[picture()])
        assert not rung
    assert len(rung) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_does_not_take_the_bell_with_it(
    active_model: ModelVersion, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = _count_rings(monkeypatch)

    with transaction.atomic():
        _queue_and_roll_back(picture())
        queue_predictions(images=[picture()])
    assert len(rung) == 1
    _queue_and_roll_back(picture())
    assert len(rung) == 1


@pytest.mark.django_db
def test_without_a_model_in_service_nothing_is_queued_and_nobody_is_woken(
    picture: Picture, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        assert queue_predictions(images=[picture()]) == 0
    assert not callbacks


def test_the_bell_is_a_message_that_a_worker_would_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()
        doorbell.ring_doorbell()
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["task"] == "inference.tasks.drain_task"
    assert message.headers["expires"]


def _queue_and_roll_back(image: LesionImage) -> None:
    with transaction.atomic():
        queue_predictions(images=[image])
        transaction.set_rollback(True)


def _count_rings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    rung: list[object] = []
    from inference.tasks import drain_task

    monkeypatch.setattr(drain_task, "apply_async", lambda *_, **options: rung.append(options))
    return rung
