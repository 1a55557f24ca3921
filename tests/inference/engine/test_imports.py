"""What each part may import: no Django, and only the standard library to check a package."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# What the web process imports.
DOOR = ("package", "allowed_models", "bundle_files", "fields", "metadata", "reference", "tensors")
OURS = {"inference"}
FORBIDDEN = {"django", "rest_framework", "accounts", "clinic", "config", "celery"}


def imported(path: Path) -> set[str]:
    """The first two names of every module that a file imports, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("folder", ["engine", "training"])
def test_engine_and_training_know_no_django(folder: str) -> None:
    for path in (ROOT / "inference" / folder).rglob("*.py"):
        names = imported(path)
        assert not {name.partition(".")[0] for name in names} & FORBIDDEN, path
        allowed = ("inference.engine", "inference.training")[: 1 if folder == "engine" else 2]
        inside = {name for name in names if name.startswith("inference")}
        assert all(name.startswith(allowed) for name in inside), path


@pytest.mark.parametrize("module", DOOR)
def test_checking_a_package_needs_only_the_standard_library(module: str) -> None:
    names = imported(ROOT / "inference" / "engine" / f"{module}.py")
    for name in names:
        if name.startswith("inference"):
            assert name.removeprefix("inference.engine.") in DOOR
        else:
            assert name.partition(".")[0] in sys.stdlib_module_names


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after running some code."""
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(answer.stdout.split())


def test_opening_a_package_loads_neither_numpy_nor_torch() -> None:
    loaded = loaded_after("import inference.engine.package")
    assert "inference.engine.package" in loaded
    assert not loaded & {"numpy", "torch", "monai", "onnxruntime", "django", "PIL"}


def test_classifying_through_onnx_runtime_does_not_load_torch() -> None:
    loaded = loaded_after(
        "import inference.engine.classifier, inference.engine.onnx_runtime,"
        " inference.engine.preprocess, inference.engine.explain"
    )
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "monai", "django"}


def test_the_command_line_helps_without_loading_torch() -> None:
    loaded = loaded_after("import inference.training.__main__ as command; command.build_parser()")
    assert not loaded & {"torch", "monai", "django"}


def test_no_part_of_the_engine_needs_one_that_needs_it() -> None:
    """Imports inside functions count: a cycle is a cycle, whenever it is walked."""
    folder = ROOT / "inference" / "engine"
    needs = {
        path.stem: {
            name.removeprefix("inference.engine.")
            for name in imported(path)
            if name.startswith("inference.engine.")
        }
        for path in folder.glob("*.py")
    }
    assert "forward_pass" in needs["onnx_runtime"]
    order = list(TopologicalSorter(needs).static_order())
    assert order.index("onnx_runtime") < order.index("runtime")
