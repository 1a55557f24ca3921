"""Who sends requests to the API in the tests: programs with tokens, people with sessions."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from accounts.models import Organisation, User
from accounts.services import create_api_client
from tests.cast import signed_in

V1 = "/api/v1"


@dataclass
class Sender:
    """Sends to `/api/v1` with its credentials."""

    browser: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.browser.get(V1 + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self._send("patch", path, body, headers)

    def delete(self, path: str) -> HttpResponse:
        return self.browser.delete(V1 + path, headers=self.headers)

    def upload(self, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
        return self.browser.post(V1 + path, fields, headers=self.headers | _named(headers))

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        send = getattr(self.browser, method)
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return send(V1 + path, **content, headers=self.headers | _named(headers))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def person(user: User) -> Sender:
    """Somebody signed in to the screens."""
    return Sender(browser=signed_in(user))


def token_of(
    organisation: Organisation, *, scopes: str = "read write", asking: str | None = None
) -> str:
    """An access token, from the token address itself."""
    made = create_api_client(organisation=organisation, name="Records system", scopes=scopes)
    answer = Client().post(
        "/oauth/token/",
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "scope": asking or scopes,
        },
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


def program(organisation: Organisation, *, scopes: str = "read write") -> Sender:
    """A records system with client credentials of an organisation."""
    return Sender(headers={"Authorization": f"Bearer {token_of(organisation, scopes=scopes)}"})


def picture(*, shade: int = 120, name: str = "lesion.jpg") -> SimpleUploadedFile:
    """A small real JPEG; another shade is another picture."""
    image = Image.linear_gradient("L").resize((160, 120)).convert("RGB")
    image.paste((shade, 70, 60), (50, 30, 110, 90))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90)
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


@pytest.fixture
def records_system(northside: Organisation) -> Sender:
    """Northside's program, which may read and write."""
    return program(northside)


@pytest.fixture
def dashboard(northside: Organisation) -> Sender:
    """Northside's program, which may only read."""
    return program(northside, scopes="read")


@pytest.fixture
def foreign_system(southside: Organisation) -> Sender:
    """Southside's program."""
    return program(southside)


@pytest.fixture
def nobody(db: None) -> Sender:
    """Somebody without credentials."""
    return Sender()
