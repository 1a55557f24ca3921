"""The OpenAPI description is complete, valid, and open to everybody."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from tests.api.senders import Sender

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    written = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=written)
    loaded: dict[str, Any] = yaml.safe_load(written.getvalue())
    return loaded


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method in METHODS & set(item):
            yield f"{method} {path}", item[method]


def test_it_is_valid_and_nothing_had_to_be_guessed(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.")
    assert len(description["paths"]) > 20


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            node = list(node.values())
        if isinstance(node, list):
            for entry in node:
                yield from references(entry)

    for reference in set(references(description)):
        target: Any = description
        for step in reference.removeprefix("#/").split("/"):
            assert step in target, reference
            target = target[step]


def test_every_operation_says_what_it_is_and_how_it_fails(description: dict[str, Any]) -> None:
    for name, operation in _operations(description):
        assert operation["summary"], name
        assert operation["description"], name
        assert {"401", "403", "429", "default"} <= set(operation["responses"]), name
        schemes = {scheme for entry in operation["security"] for scheme in entry}
        assert schemes == {"clientCredentials", "session"}, name


def test_every_post_takes_an_idempotency_key(description: dict[str, Any]) -> None:
    for name, operation in _operations(description):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        assert headers == ({"Idempotency-Key"} if name.startswith("post ") else set()), name


def test_every_tag_is_described(description: dict[str, Any]) -> None:
    described = [tag["name"] for tag in description["tags"]]
    used = {tag for _, operation in _operations(description) for tag in operation["tags"]}
    assert set(described) == used


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/", "/api/docs/?script"])
def test_it_is_open_to_everybody(path: str, nobody: Sender) -> None:
    assert nobody.browser.get(path).status_code == 200
