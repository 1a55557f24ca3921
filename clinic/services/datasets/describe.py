"""Saying what a data set is to hold."""

from collections.abc import Collection
from uuid import UUID, uuid4

from django.db import transaction

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from accounts.selectors import administered_organisations
from clinic.datasets.description import Description
from clinic.models import Dataset
from clinic.services.once import made_before

LONGEST_NAME = 80


@transaction.atomic
def describe_dataset(
    *,
    name: str,
    purpose: str,
    organisations: Collection[Organisation],
    description: Description,
    actor: User,
    key: UUID | None = None,
) -> Dataset:
    """Begin a data set. `key` makes a form posted twice begin one.

    Raises InvalidInput for a missing name, purpose or organisation, NotAllowed for an organisation
    that the person does not administer.
    """
    if key is not None and (made := made_before(Dataset, key, created_by_id=actor.pk)):
        return made
    _check(name, purpose, organisations, actor)
    dataset = Dataset.objects.create(
        id=key or uuid4(),
        name=name.strip(),
        purpose=purpose.strip(),
        description=description.as_json(),
        created_by=actor,
    )
    dataset.organisations.set(organisations)
    return dataset


@transaction.atomic
def redescribe_dataset(
    *,
    dataset: Dataset,
    actor: User,
    name: str,
    purpose: str,
    organisations: Collection[Organisation],
    description: Description,
) -> Dataset:
    """Change what the next version will hold; frozen versions stay as they are. Raises the same."""
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    check_administers(actor, list(dataset.organisations.all()))
    _check(name, purpose, organisations, actor)
    dataset.name, dataset.purpose = name.strip(), purpose.strip()
    dataset.description = description.as_json()
    dataset.save(update_fields=["name", "purpose", "description", "updated_at"])
    dataset.organisations.set(organisations)
    return dataset


def check_administers(actor: User, organisations: Collection[Organisation]) -> None:
    """Raise NotAllowed unless the person is an administrator of each of them."""
    administered = set(administered_organisations(actor).values_list("pk", flat=True))
    beyond = [each for each in organisations if each.pk not in administered]
    if beyond:
        # Said without its name: the person may not even know that it is there.
        msg = "Only administrators of every organisation in a data set can do that."
        raise NotAllowed(msg)


def _check(name: str, purpose: str, organisations: Collection[Organisation], actor: User) -> None:
    if not name.strip():
        raise InvalidInput("Give the data set a name.", field="name")
    if len(name.strip()) > LONGEST_NAME:
        msg = f"The name is longer than {LONGEST_NAME} characters."
        raise InvalidInput(msg, field="name")
    if not purpose.strip():
        raise InvalidInput("Say what the data set is for.", field="purpose")
    if not organisations:
        raise InvalidInput("Choose at least one organisation.", field="organisations")
    check_administers(actor, organisations)
