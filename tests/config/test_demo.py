"""The demo stops completely however it is stopped, and says plainly why it does not start."""

import json
import os
import pty
import signal
import socket
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.running_demo import OPEN, RunningDemo, wait_for
from tests.config.small_project import write_small_project

MakeDemo = Callable[..., RunningDemo]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var/demo"


@pytest.fixture
def demo(tmp_path: Path, data: Path) -> Iterator[MakeDemo]:
    """Makes runs of the demo on one small project and one data folder."""
    project = write_small_project(tmp_path / "project")
    runs: list[RunningDemo] = []

    def make(*, port: int | None = None) -> RunningDemo:
        runs.append(RunningDemo(project, data, port=port))
        return runs[-1]

    yield make
    for run in runs:
        run.end()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_a_second_start_has_lost_nothing(
    demo: MakeDemo, data: Path, signum: signal.Signals
) -> None:
    for start in (1, 2):
        run = demo().opened()
        facts = json.loads(data.with_name("demo.json").read_text())
        assert facts["base_url"] == f"http://127.0.0.1:{run.port}"
        assert facts["starts"] == start
        assert "alice@northside.test" in run.output
        run.send(signum)
        assert run.exit_code == 0
        assert run.left_running() == []


def test_a_killed_demo_takes_its_servers_with_it_and_starts_again(
    demo: MakeDemo, data: Path
) -> None:
    first = demo().opened()
    names = " ".join(first.left_running())
    assert all(name in names for name in ("postgres", "valkey-server", "gunicorn", "celery"))
    first.send(signal.SIGKILL)
    assert wait_for(lambda: first.left_running() == []), first.left_running()
    second = demo().opened()
    assert json.loads(data.with_name("demo.json").read_text())["starts"] == 2
    second.send(signal.SIGTERM)
    assert second.exit_code == 0


def test_a_closed_terminal_stops_everything(demo: MakeDemo) -> None:
    run = demo()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(run.command[0], run.command, run.environment)
    seen = b""
    while OPEN.encode() not in seen:
        seen += os.read(terminal, 4096)
    os.close(terminal)
    assert wait_for(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)
    assert run.left_running() == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_stops_with_make_even_where_only_make_gets_the_signal(
    demo: MakeDemo, tmp_path: Path, signum: signal.Signals
) -> None:
    run = demo()
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"demo:\n\t@{' '.join(run.command)} --stop-with-parent\n")
    run.start(["make", "-f", str(makefile), "demo"]).opened()
    run.send(signum)
    assert wait_for(lambda: run.left_running() == []), run.left_running()


def test_a_port_in_use_is_refused_before_anything_is_started(demo: MakeDemo, data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = demo(port=other.getsockname()[1]).start()
        assert run.exit_code == 1
    assert f"Port {run.port} is in use by another program." in run.output
    assert f"make demo PORT={run.port + 1}" in run.output
    assert not (data / "postgres").exists()


def test_a_second_demo_on_the_same_data_is_refused_with_the_address_of_the_first(
    demo: MakeDemo,
) -> None:
    first = demo().opened()
    second = demo().start()
    assert second.exit_code == 1
    assert f"already running: http://127.0.0.1:{first.port}/" in second.output
    assert first.process is not None
    assert first.process.poll() is None


def test_a_folder_that_cannot_be_written_is_named(demo: MakeDemo, data: Path) -> None:
    data.parent.mkdir(parents=True)
    data.write_text("a file where the folder should be")
    run = demo().start()
    assert run.exit_code == 1
    assert f"The demo cannot write {data}" in run.output
    assert "Traceback" not in run.output


def test_a_failed_migration_is_shown_and_leaves_nothing_running(
    demo: MakeDemo, tmp_path: Path
) -> None:
    run = demo()
    (run.project / "manage.py").write_text("raise SystemExit('no such column: lesion.site')")
    assert run.start().exit_code == 1
    assert "Migrating the database failed" in run.output
    assert "no such column: lesion.site" in run.output
    assert run.left_running() == []


def test_a_worker_that_cannot_run_stops_the_demo_with_its_last_words(demo: MakeDemo) -> None:
    run = demo()
    (run.project / "config/celery.py").write_text(
        textwrap.dedent("""
            raise SystemExit("the model package is missing")
        """)
    )
    assert run.start().exit_code == 1
    assert "worker ended as it started" in run.output
    assert "the model package is missing" in run.output
    assert run.left_running() == []
