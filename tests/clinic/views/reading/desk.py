"""Posts of the desk as its page sends them."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from clinic.models import (
    Case,
    Lesion,
    Reading,
)
from clinic.services import commit_reading, reveal_opinion, save_read
from tests.cast import signed_in
from tests.factories import PASSWORD, diagnosis

SCRIPT = {"accept": "application/json"}


def typed(lesion: Lesion, **fields: str) -> dict[str, str]:
    """A post of one lesion's fields; its comment is always among them, as in a browser."""
    return {
        f"lesion-{lesion.pk}-{name}": value for name, value in {"comment": "", **fields}.items()
    }


def opinion(
    lesion: Lesion, code: str = "nevus", management: str = "discharge", **fields: str
) -> dict[str, str]:
    return typed(lesion, diagnosis=str(diagnosis(code).pk), management=management, **fields)


def post(user: User, name: str, case: Case, data: dict[str, str], **options: Any) -> HttpResponse:
    return signed_in(user).post(reverse(name, args=[case.pk]), data, **options)


def desk(user: User, case: Case, **params: str) -> HttpResponse:
    return signed_in(user).get(reverse("case-review", args=[case.pk]), params)


def proved(user: User) -> Client:
    """A session in which the person has just proved who they are."""
    client = signed_in(user)
    client.post(reverse("signing"), {"password": PASSWORD})
    return client


def decided(case: Case, reader: User, code: str = "nevus") -> Reading:
    """Committed and revealed, not signed."""
    for lesion in Lesion.objects.filter(images__case=case).distinct():
        save_read(
            case=case, lesion=lesion, reader=reader,
            diagnosis=diagnosis(code), management="discharge", comment="Banal.",
        )  # fmt: skip
    commit_reading(case=case, reader=reader)
    return reveal_opinion(case=case, reader=reader)
