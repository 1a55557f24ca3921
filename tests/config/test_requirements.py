"""The pinned lists install anywhere, and the web process stays small."""

import re
import tomllib
from itertools import chain

import pytest

from config.embedded.throwaway import CHECKOUT

LISTS = ["dev", "web", "worker"]
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)$")


def pins(name: str) -> dict[str, str]:
    lines = (CHECKOUT / f"requirements/{name}.txt").read_text().splitlines()
    found = [PIN.match(line) for line in lines if line and not line.startswith("#")]
    assert all(found), f"requirements/{name}.txt has a line that is no pin"
    return {match["name"]: match["version"] for match in found if match}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_names_no_index_no_address_and_leaves_torch_to_the_machine(name: str) -> None:
    text = (CHECKOUT / f"requirements/{name}.txt").read_text()
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted-host|@", text)
    assert not [
        package for package in pins(name) if re.match(r"torch$|nvidia|cuda|triton", package)
    ]


def test_the_web_process_brings_nothing_that_computes() -> None:
    heavy = {"numpy", "scipy", "monai", "onnx", "onnxruntime", "scikit-learn", "safetensors"}
    assert not heavy & pins("web").keys()


def test_production_runs_what_the_tests_ran_with() -> None:
    tested = pins("dev")
    for name in ("web", "worker"):
        assert pins(name).items() <= tested.items()
    assert pins("web").items() <= pins("worker").items()


def test_every_dependency_of_the_project_is_pinned() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower() for line in asked}
    assert names - {"torch", project["name"]} <= pins("dev").keys()
