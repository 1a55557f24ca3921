"""One account cannot take the API from the others."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as CacheConnectionError

from accounts.api import throttling
from accounts.models import User
from tests.api.senders import Sender, person

pytestmark = pytest.mark.django_db


class Clock:
    """Stands still until it is moved."""

    now = 1_000_000_020.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(settings: Any) -> Iterator[Clock]:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"api": "3/min"}}
    cache.clear()
    clock = Clock()
    with patch.object(throttling, "time", clock):
        yield clock


def test_the_request_too_many_is_told_when_to_come_back(clock: Clock, alice: User) -> None:
    sender = person(alice)
    assert [sender.get("/patients/").status_code for _ in range(3)] == [200, 200, 200]
    refused = sender.get("/patients/")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Content-Type"] == "application/problem+json"
    clock.now += int(refused["Retry-After"]) - 1
    assert sender.get("/patients/").status_code == 429
    clock.now += 1
    assert sender.get("/patients/").status_code == 200
    assert sender.get("/patients/").status_code == 429


def test_a_refused_request_does_not_lengthen_the_wait(clock: Clock, alice: User) -> None:
    sender = person(alice)
    for _ in range(20):
        last = sender.get("/patients/")
    clock.now += int(last["Retry-After"])
    assert sender.get("/patients/").status_code == 200


def test_one_account_does_not_slow_down_another(
    clock: Clock, alice: User, dana: User, records_system: Sender
) -> None:
    for _ in range(4):
        person(alice).get("/patients/")
    assert person(dana).get("/patients/").status_code == 200
    assert records_system.get("/patients/").status_code == 200


def test_guessing_secrets_is_rationed_by_network_address(clock: Clock, client: Client) -> None:
    guess = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    statuses = [client.post("/oauth/token/", guess).status_code for _ in range(3)]
    refused = client.post("/oauth/token/", guess)
    assert statuses == [401, 401, 401]
    assert (refused.status_code, refused.json()["error"]) == (429, "slow_down")
    assert int(refused["Retry-After"]) > 0


def test_a_cache_that_is_down_stops_nobody(clock: Clock, alice: User) -> None:
    with patch.object(throttling, "cache") as down:
        down.add.side_effect = CacheConnectionError
        assert [person(alice).get("/patients/").status_code for _ in range(5)] == [200] * 5
