"""No address of the API answers somebody without credentials."""

from uuid import uuid4

import pytest

from tests.api.routes import api_routes
from tests.api.senders import Sender

pytestmark = pytest.mark.django_db

OPEN = {"api-schema", "api-docs"}
GUARDED = [pytest.param(path, id=path) for path, route in api_routes() if route.name not in OPEN]


def test_the_walk_through_the_routes_finds_the_api() -> None:
    assert len(GUARDED) > 25


@pytest.mark.parametrize("path", GUARDED)
def test_every_address_refuses_who_has_no_credentials(path: str, nobody: Sender) -> None:
    address = path.replace("<uuid:pk>", str(uuid4())).replace("<slug:code>", "melanoma")
    assert "<" not in address
    for method in ("get", "post", "put", "patch", "delete", "options", "head"):
        answer = getattr(nobody.browser, method)(f"/{address}")
        assert answer.status_code == 401, method
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
        assert answer["Content-Type"] == "application/problem+json"
