"""Test runs do not disturb each other, and leave nothing behind."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from config.embedded.lock import FolderLock
from config.embedded.run_folder import run_folder
from config.embedded.template import migrations_digest
from config.embedded.throwaway import CHECKOUT


def test_two_runs_have_two_folders_that_go_with_them(tmp_path: Path) -> None:
    with run_folder(tmp_path) as first, run_folder(tmp_path) as second:
        assert first != second
        assert first.is_dir()
        assert second.is_dir()
    assert list(tmp_path.glob("run-*")) == []


def test_the_folder_of_a_killed_run_goes_with_the_next_and_a_living_one_stays(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from config.embedded.run_folder import run_folder;"
        "folder = run_folder(Path(sys.argv[1])); print(folder.__enter__(), flush=True);"
        "time.sleep(600)"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    assert killed.stdout is not None
    abandoned = Path(killed.stdout.readline().strip())
    with run_folder(tmp_path) as living:
        assert abandoned.is_dir()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with run_folder(tmp_path):
            assert not abandoned.exists()
            assert living.is_dir()


def test_a_lock_is_held_by_one_and_free_after_it(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    assert first.acquire(note="the first")
    assert not second.acquire(note="the second")
    assert second.holder() == "the first"
    first.release()
    assert second.acquire()


def test_a_changed_or_new_migration_is_another_state_of_the_database(tmp_path: Path) -> None:
    migrations = tmp_path / "clinic/migrations"
    migrations.mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    shutil.copy(CHECKOUT / "requirements/dev.txt", tmp_path / "requirements/dev.txt")
    states = []
    for name, text in (("0001.py", "a"), ("0001.py", "b"), ("0002.py", "c")):
        (migrations / name).write_text(text)
        states.append(migrations_digest(tmp_path))
    with (tmp_path / "requirements/dev.txt").open("a") as pins:
        pins.write("another==1\n")
    states.append(migrations_digest(tmp_path))
    assert len(set(states)) == 4
