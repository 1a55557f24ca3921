"""Giving and taking roles."""

import pytest

from accounts.errors import NotAllowed
from accounts.models import Membership, Organisation, Role, User
from accounts.selectors import (
    members,
    role_in,
    visible_memberships,
    visible_organisations,
    visible_people,
)
from accounts.services import create_api_client, end_membership, grant_role, require_role


def test_a_new_role_replaces_the_old_one(alice: User, northside: Organisation) -> None:
    grant_role(user=alice, organisation=northside, role=Role.DERMATOLOGIST)
    assert Membership.objects.get(user=alice).role == Role.DERMATOLOGIST
    assert role_in(alice, northside.pk) == Role.DERMATOLOGIST


def test_administrators_may_open_the_administration_until_they_lose_the_role(
    alice: User, northside: Organisation
) -> None:
    membership = grant_role(user=alice, organisation=northside, role=Role.ADMINISTRATOR)
    assert User.objects.get(pk=alice.pk).is_staff
    end_membership(membership=membership)
    assert not User.objects.get(pk=alice.pk).is_staff


def test_a_refused_role_names_who_may(alice: User, northside: Organisation) -> None:
    with pytest.raises(NotAllowed, match="Only dermatologists of this organisation can do that"):
        require_role(alice, northside.pk, Role.DERMATOLOGIST)


def test_a_stranger_has_no_role(bob: User, northside: Organisation) -> None:
    with pytest.raises(NotAllowed):
        require_role(bob, northside.pk, *Role)


def test_a_closed_organisation_disappears(alice: User, northside: Organisation) -> None:
    northside.is_active = False
    northside.save()
    assert not visible_organisations(alice).exists()


def test_administrators_see_people_of_their_own_organisation_only(
    ada: User, alice: User, bob: User
) -> None:
    assert set(visible_people(ada)) == {ada, alice}
    assert bob not in visible_people(ada)
    assert not visible_memberships(alice).exists()


def test_an_api_client_acts_for_one_organisation_and_cannot_sign_in(
    northside: Organisation,
) -> None:
    new = create_api_client(organisation=northside, name="Photo booth")
    account = new.client.user
    assert list(visible_organisations(account)) == [northside]
    assert not account.has_usable_password()
    assert not members(northside).filter(user=account).exists()
    new.client.refresh_from_db()
    assert new.client_secret not in new.client.client_secret
