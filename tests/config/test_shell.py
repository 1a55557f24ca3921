"""Which sections stand in the rail, for whom."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from inference.services.operators import GROUP
from tests.cast import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def sections(browser: Client, name: str = "home") -> list[str]:
    return [section.label for section in browser.get(reverse(name)).context["shell"]["sections"]]


def as_operator(user: User) -> User:
    user.groups.add(Group.objects.get(name=GROUP))
    user.is_staff = True  # models are installed in the administration
    user.save()
    return user


def test_an_administrator_is_led_from_data_sets_to_the_models_in_service(ada: User) -> None:
    everything = ["Home", "Patients", "Cases", "Statistics", "Data sets", "Training", "Monitoring"]
    assert sections(signed_in(ada)) == [*everything, "Administration"]


def test_readers_and_submitters_are_shown_neither_training_nor_monitoring(
    alice: User, dana: User
) -> None:
    assert sections(signed_in(alice)) == ["Home", "Patients", "Cases"]
    assert sections(signed_in(dana)) == ["Home", "Worklist", "Patients", "Cases", "Statistics"]


def test_an_operator_who_reads_is_led_to_monitoring_too(dana: User) -> None:
    assert sections(signed_in(as_operator(dana)))[-1] == "Monitoring"


def test_an_operator_without_a_role_is_led_to_monitoring(northside: Organisation) -> None:
    browser = signed_in(as_operator(UserFactory()))
    assert sections(browser, "monitoring") == ["Monitoring"]


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("operates", [False, True])
def test_every_section_opens(northside: Organisation, role: Role | None, *, operates: bool) -> None:
    user = UserFactory()
    if role is not None:
        grant_role(user=user, organisation=northside, role=role)
    browser = signed_in(as_operator(user) if operates else user)
    shown = browser.get(reverse("home")).context["shell"]["sections"]
    assert bool(shown) == (role is not None or operates)
    for section in shown:
        page = browser.get(section.url)
        assert page.status_code == 200, section
        if section.label != "Administration":
            here = [each.label for each in page.context["shell"]["sections"] if each.active]
            assert section.label in here
