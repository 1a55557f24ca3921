"""Two trainings in one folder would write each other's checkpoints over."""

import subprocess
import sys
from pathlib import Path

import pytest

from inference.training.records import DataError
from inference.training.run_lock import only_run_in

HOLD = (
    "import sys; from pathlib import Path; from inference.training.run_lock import only_run_in\n"
    "with only_run_in(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def test_a_second_training_in_a_folder_is_refused_until_the_first_dies(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        with pytest.raises(DataError, match="Another process trains in"), only_run_in(tmp_path):
            pass
        first.kill()
    with only_run_in(tmp_path):
        pass


def test_trainings_in_other_folders_do_not_wait(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with only_run_in(tmp_path / "one"), only_run_in(tmp_path / "two"):
        pass
