"""Every training command in the documentation is one that the program understands."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from inference.training.__main__ import build_parser
from inference.training.recipe import load_recipe

DOCS = Path(__file__).parents[3] / "docs"
COMMAND = re.compile(r"-m inference\.training (.+)")


def documented_commands() -> list[tuple[str, str]]:
    found = []
    for page in sorted(DOCS.glob("*.md")):
        blocks = re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        for block in blocks:
            lines = block.replace("\\\n", " ").splitlines()
            found += [(page.name, match[1]) for line in lines if (match := COMMAND.search(line))]
    return found


@pytest.mark.parametrize(("page", "command"), documented_commands())
def test_a_documented_command_is_understood(page: str, command: str) -> None:
    options = build_parser().parse_args(shlex.split(command))
    assert isinstance(options, argparse.Namespace), page
    if hasattr(options, "recipe"):
        load_recipe(options.recipe, options.set)


def test_the_documentation_shows_commands() -> None:
    assert len(documented_commands()) >= 10
