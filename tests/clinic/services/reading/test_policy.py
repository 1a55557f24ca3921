"""How an organisation reads, and who may change it."""

import pytest
from django.apps import apps

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import ReadingPolicy
from clinic.selectors import reading_policy
from clinic.services import change_reading_policy


def test_an_organisation_reads_blind_unless_somebody_says_otherwise(
    northside: Organisation,
) -> None:
    policy = reading_policy(northside.pk)
    assert (policy.blind, policy.second_read_share) == (True, 0)


def test_a_change_is_kept_with_its_history(northside: Organisation, ada: User) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_share=10)
    change_reading_policy(organisation=northside, actor=ada, blind=False)
    policy = reading_policy(northside.pk)
    assert (policy.blind, policy.second_read_share) == (False, 10)
    events = apps.get_model("clinic", "ReadingPolicyEvent").objects.order_by("pgh_id")
    assert [event.blind for event in events][-1] is False
    assert len(events) >= 3


def test_only_administrators_of_the_organisation_change_it(
    northside: Organisation, alice: User, dana: User, bob: User
) -> None:
    for person in (alice, dana, bob):
        with pytest.raises(NotAllowed):
            change_reading_policy(organisation=northside, actor=person, blind=False)
    assert not ReadingPolicy.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"second_read_share": 101}, {"second_read_share": -1},
        {"second_read_from_malignancy": 101}, {"order": "random"},
    ],
)  # fmt: skip
def test_what_is_no_percentage_is_refused(
    northside: Organisation, ada: User, fields: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        change_reading_policy(organisation=northside, actor=ada, **fields)
