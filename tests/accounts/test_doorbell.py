"""What every bell has in common: once a transaction, for each bell of its own."""

import pytest
from django.db import transaction

from accounts.doorbell import once_on_commit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_bell_rings_once_however_many_savepoints_asked_for_it() -> None:
    rung: list[str] = []

    def ring() -> None:
        rung.append("rung")

    with transaction.atomic():
        for _ in range(3):
            with transaction.atomic():
                once_on_commit(ring)
        once_on_commit(ring)
        assert not rung
    assert rung == ["rung"]


def test_two_bells_of_one_transaction_both_ring_in_the_order_they_were_asked_for() -> None:
    rung: list[str] = []
    answers, renditions = lambda: rung.append("answers"), lambda: rung.append("renditions")

    with transaction.atomic():
        for _ in range(2):
            once_on_commit(answers)
            once_on_commit(renditions)
    assert rung == ["answers", "renditions"]


def test_what_is_rolled_back_rings_no_bell_and_takes_no_other_bell_with_it() -> None:
    rung: list[str] = []

    def ring() -> None:
        rung.append("rung")

    def ask_and_roll_back() -> None:
        with transaction.atomic():
            once_on_commit(ring)
            transaction.set_rollback(True)

    ask_and_roll_back()
    assert not rung
    with transaction.atomic():
        ask_and_roll_back()
        once_on_commit(ring)
    assert rung == ["rung"]


def test_outside_a_transaction_it_rings_at_once() -> None:
    rung: list[str] = []
    once_on_commit(lambda: rung.append("rung"))
    assert rung == ["rung"]
