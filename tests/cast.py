"""The same people everywhere: Alice and Dana at Northside, Bob at Southside, Ada administers."""

import pytest
from django.test import Client

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from tests.factories import OrganisationFactory, UserFactory


@pytest.fixture
def northside(db: None) -> Organisation:
    return OrganisationFactory(name="Northside Hospital", slug="northside")


@pytest.fixture
def southside(db: None) -> Organisation:
    return OrganisationFactory(name="Southside Clinic", slug="southside")


def _member(name: str, organisation: Organisation, role: Role) -> User:
    first = name.split(maxsplit=1)[0].lower()
    user = UserFactory(email=f"{first}@{organisation.slug}.example", full_name=name)
    grant_role(user=user, organisation=organisation, role=role)
    return user


@pytest.fixture
def alice(northside: Organisation) -> User:
    """The clinician at Northside."""
    return _member("Alice Ashdown", northside, Role.CLINICIAN)


@pytest.fixture
def dana(northside: Organisation) -> User:
    """The dermatologist at Northside."""
    return _member("Dana Demir", northside, Role.DERMATOLOGIST)


@pytest.fixture
def ada(northside: Organisation) -> User:
    """The administrator of Northside."""
    return _member("Ada Adeyemi", northside, Role.ADMINISTRATOR)


@pytest.fixture
def bob(southside: Organisation) -> User:
    """The clinician at Southside: a stranger to Northside."""
    return _member("Bob Brandt", southside, Role.CLINICIAN)


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
