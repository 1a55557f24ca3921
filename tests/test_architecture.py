"""The house's own rules, kept by a machine: which floor may know which, and a few habits."""

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

HOUSE = Path(__file__).resolve().parent.parent
APPS = ("accounts", "clinic", "inference")
PURE = (
    "inference/comparison",
    "inference/engine",
    "inference/learning",
    "inference/training",
    "clinic/imaging",
    "clinic/annotation",
    "clinic/datasets",
    "clinic/statistics",
)
HEAVY = ("torch", "monai", "onnxruntime", "onnx", "numpy", "scipy", "safetensors")


class Imported(NamedTuple):
    """One import statement."""

    file: str
    line: int
    module: str


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((HOUSE / folder).rglob("*.py"))


def imports_of(*folders: str) -> list[Imported]:
    """Every import in these folders, also those inside functions."""
    found = []
    for path in python_files(*folders):
        file = path.relative_to(HOUSE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found += [Imported(file, node.lineno, name.name) for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, (
                    f"{file}:{node.lineno} imports relatively: say the whole path"
                )
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found += [Imported(file, node.lineno, name) for name in names]
    assert found, f"nothing is imported in {folders}: has it moved?"
    return found


def breaking(imported: list[Imported], *forbidden: str) -> list[str]:
    return [
        f"{one.file}:{one.line} imports {one.module}"
        for one in imported
        if one.module.split(".")[0] in forbidden
    ]


# ---- Which floor may know which --------------------------------------------------------------


@pytest.mark.parametrize(
    ("app", "above"),
    [
        ("accounts", ("clinic", "inference", "config")),
        ("clinic", ("inference", "config")),
        ("inference", ("config",)),
    ],
)
def test_imports_point_down(app: str, above: tuple[str, ...]) -> None:
    assert breaking(imports_of(app), *above) == []


@pytest.mark.parametrize("folder", PURE)
def test_what_runs_without_django_does_not_import_it(folder: str) -> None:
    django = ("django", "rest_framework", "celery", "accounts", "config")
    apps = {name: f"{name}." for name in ("clinic", "inference")}
    imported = imports_of(folder)
    assert breaking(imported, *django) == []
    own = tuple(part.replace("/", ".") for part in PURE)
    reaching_up = [
        f"{one.file}:{one.line} imports {one.module}"
        for one in imported
        if one.module.startswith(tuple(apps.values())) and not one.module.startswith(own)
    ]
    assert reaching_up == []


def test_no_floor_of_the_product_knows_the_tests() -> None:
    knowing = breaking(imports_of("config", *APPS), "tests", "pytest", "factory", "benchmarks")
    assert [line for line in knowing if "config/embedded/pytest_plugin.py" not in line] == []


def test_the_engine_runs_where_django_is_not_installed() -> None:
    code = (
        "import sys\n"
        "class NoDjango:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'django', 'rest_framework', 'celery'}:\n"
        "            raise ImportError(f'{name} is not there')\n"
        "sys.meta_path.insert(0, NoDjango())\n"
        "import inference.engine.package, inference.engine.preprocess, inference.engine.runtime\n"
    )
    run(code)


def test_the_web_process_imports_no_torch_and_nothing_else_that_is_heavy() -> None:
    """Every address is asked for: that loads each view, API endpoint and page of the admin."""
    code = (
        "import json, sys\n"
        "import config.wsgi\n"
        "from django.urls import get_resolver\n"
        "from django.contrib import admin\n"
        "from django.template.loader import get_template\n"
        "get_resolver().url_patterns, admin.site.urls\n"
        "get_template('clinic/cases/detail.html'), get_template('clinic/reading/review.html')\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    loaded = set(json.loads(run(code).splitlines()[-1]))
    assert "clinic" in loaded
    assert loaded & set(HEAVY) == set()


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(HOUSE),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "SECRET_KEY": "only-for-this-test",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HOUSE, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- Habits ----------------------------------------------------------------------------------


def test_every_scheduled_task_is_there() -> None:
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        module, _, function = entry["task"].rpartition(".")
        task = getattr(importlib.import_module(module), function, None)
        assert task is not None, f"{name} names {entry['task']}, which does not exist"
        assert task.name == entry["task"], f"{name}: Celery knows the task as {task.name}"


def test_every_task_is_named_as_one() -> None:
    odd = [
        f"{path.relative_to(HOUSE)}: {node.name}"
        for path in python_files(*APPS, "config")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and any("shared_task" in ast.unparse(d) for d in node.decorator_list)
        and not node.name.endswith("_task")
    ]
    assert odd == [], "a task's name ends in _task"


def test_views_and_api_ask_selectors_for_rows() -> None:
    """`Model.objects` in a view is a row that nobody checked the person against."""
    thin = [f"{app}/{layer}" for app in APPS for layer in ("views", "api")]
    bare = [
        f"{path.relative_to(HOUSE)}:{node.lineno} {ast.unparse(node)}"
        for path in python_files(*thin)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    # The token is the credential itself: there is no person yet whose rows it could be among.
    credential = "accounts/api/authentication.py"
    unchecked = [line for line in bare if not line.startswith(credential)]
    assert unchecked == [], "use a selector: it knows who may see the row"


def test_a_message_is_sent_only_when_its_rows_are_committed() -> None:
    """The one place that sends is the doorbell; whoever rings it inside a transaction waits."""
    sending = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in python_files(*APPS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"delay", "apply_async", "send_task", "delay_on_commit"}
    ]
    assert {line.split(":")[0] for line in sending} == {"accounts/doorbell.py"}
    # A bell is a function that sends. Tasks ring after their own transactions; services inside one
    # hand the bell to on_commit.
    bells = {
        node.name
        for path in python_files(*APPS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and "send_task" in names_called(node)
    }
    assert bells >= {"ring_doorbell", "ask_for_preparation"}
    rung_at_once = [
        f"{path.relative_to(HOUSE)}: {node.name} rings {bell}"
        for path in python_files("inference/services", "clinic/services", "accounts/services")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for bell in names_called(node) & bells
    ]
    assert rung_at_once == [], "write once_on_commit(ring_doorbell)"


def names_called(function: ast.FunctionDef) -> set[str]:
    """What is called by its plain name, `f(…)`."""
    return {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@pytest.mark.parametrize("app", APPS)
def test_services_are_called_by_name_and_start_with_a_verb(app: str) -> None:
    """`submit_case(case=case, actor=actor)`: nobody has to remember an order."""
    positional = []
    package = importlib.import_module(f"{app}.services")
    for name in package.__all__:
        service = getattr(package, name)
        if isinstance(service, type) or name in {"require_role", "ring_doorbell"}:
            continue
        code = getattr(service, "__wrapped__", service).__code__
        if code.co_argcount:
            positional.append(f"{app}.services.{name}")
    assert positional == []


def test_a_file_is_about_one_thing() -> None:
    """Three hundred lines is where a reader loses the thread."""
    listed = {"migrations", "settings"}  # lists, which nobody reads from top to bottom
    long = {
        path.relative_to(HOUSE).as_posix(): lines
        for path in python_files("config", *APPS)
        if not listed & set(path.parts) and (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}
