"""The demo's organisations, people and API client. Passwords are made once for this demo."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group

from accounts.models import ApiClient, Organisation, Role, User
from accounts.services import create_api_client, create_organisation, grant_role
from inference.services.operators import GROUP

WORDS = [
    "amber", "birch", "cedar", "copper", "coral", "dune", "ember", "fern",
    "fjord", "granite", "harbour", "heron", "indigo", "ivory", "juniper", "lagoon",
    "lantern", "larch", "maple", "meadow", "mistral", "nectar", "ocean", "olive",
    "opal", "orchid", "pebble", "quartz", "raven", "ripple", "saffron", "spruce",
]  # fmt: skip
NORTHSIDE, SOUTHSIDE = "northside", "southside"


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. Whoever `operates` models may install and activate models."""

    email: str
    full_name: str
    role: Role
    organisation: str
    operates: bool = False


PEOPLE = (
    Person("alice@northside.example", "Alice Ashdown", Role.CLINICIAN, NORTHSIDE),
    Person("dana@northside.example", "Dr Dana Demir", Role.DERMATOLOGIST, NORTHSIDE),
    Person("erik@northside.example", "Dr Erik Eriksen", Role.DERMATOLOGIST, NORTHSIDE),
    Person("frida@northside.example", "Dr Frida Falk", Role.DERMATOLOGIST, NORTHSIDE),
    Person("ada@northside.example", "Ada Adeyemi", Role.ADMINISTRATOR, NORTHSIDE, operates=True),
    Person("bob@southside.example", "Bob Brandt", Role.CLINICIAN, SOUTHSIDE),
    Person("diego@southside.example", "Dr Diego Duarte", Role.DERMATOLOGIST, SOUTHSIDE),
    Person("sofia@southside.example", "Sofia Sørensen", Role.ADMINISTRATOR, SOUTHSIDE),
)
ORGANISATIONS = {NORTHSIDE: "Northside Hospital", SOUTHSIDE: "Southside Clinic"}


def ensure_people(*, facts: dict[str, Any]) -> dict[str, Any]:
    """Make what is missing; return the facts that sign-ins need.

    `facts` is what an earlier run wrote. A password that is not known any more is made anew.
    """
    organisations = {
        slug: Organisation.objects.filter(slug=slug).first()
        or create_organisation(name=name, slug=slug)
        for slug, name in ORGANISATIONS.items()
    }
    known = {user["email"]: user["password"] for user in facts.get("users", [])}
    users = [
        _ensure_person(person, organisations[person.organisation], known.get(person.email))
        for person in PEOPLE
    ]
    client = _ensure_client(organisations[NORTHSIDE], facts.get("api_client"))
    return {"users": users, "api_client": client}


def read_facts(path: Path) -> dict[str, Any]:
    """What an earlier run wrote, or nothing."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_facts(path: Path, facts: dict[str, Any]) -> None:
    """Write for the owner's eyes only: it holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _ensure_person(
    person: Person, organisation: Organisation, password: str | None
) -> dict[str, str]:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(person.email, None, full_name=person.full_name)
    if password is None or not user.check_password(password):
        password = password or new_password()
        user.set_password(password)
        user.save(update_fields=["password"])
    grant_role(user=user, organisation=organisation, role=person.role)
    if person.operates:
        user.groups.add(Group.objects.get(name=GROUP))
    return {
        "email": person.email,
        "password": password,
        "role": person.role.value,
        "name": person.full_name,
        "organisation": organisation.slug,
    }


def _ensure_client(organisation: Organisation, known: dict[str, str] | None) -> dict[str, str]:
    if known and ApiClient.objects.filter(client_id=known.get("client_id")).exists():
        return known
    new = create_api_client(organisation=organisation, name="Demo integration")
    return {"client_id": new.client_id, "client_secret": new.client_secret}


def new_password() -> str:
    """Three words and a number: quick to type, about 25 bits, and the demo is on loopback only."""
    words = "-".join(secrets.choice(WORDS) for _ in range(3))
    return f"{words}-{secrets.randbelow(900) + 100}"
