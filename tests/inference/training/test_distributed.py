"""Training on two processes, as torchrun starts them, against training on one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from inference.training.__main__ import main
from inference.training.distributed import Ranks, joined_ranks
from inference.training.records import DataError, read_records
from inference.training.splits import Split, group_records
from inference.training.synchronised_norms import SynchronisedBatchNorm, synchronise_batch_norms
from inference.training.trainer import Trainer
from inference.training.validation import shards
from tests.inference.training.generated import make_data_set
from tests.inference.training.tiny import TINY, tiny_network, tiny_trainer
from tests.inference.training.tiny_ranks import curve

ROOT = Path(__file__).parents[3]
SETTINGS = (
    "stages=2@32",
    "cache_size=32",
    "evaluation_size=32",
    "batch_size=16",
    "learning_rate=0.0003",
    "warmup_epochs=0.3",
    "ema_decay=0.5",
    "validate_every=1",
    "dropout=0",  # the one thing that each rank draws for itself
)


def train_arguments(data: tuple[Path, Path], out: Path) -> list[str]:
    images, metadata = data
    folders = [f"--data={images}", f"--metadata={metadata}", f"--out={out}", "--device=cpu"]
    return ["train", "resnet18", *folders, *(f"--set={setting}" for setting in SETTINGS)]


def on_two_processes(*arguments: str | Path) -> str:
    """What two processes print that torchrun starts with ``-m arguments``."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    finished = subprocess.run(
        [*launcher, "-m", *arguments],
        check=False,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def checkpoint(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_data_set(tmp_path_factory.mktemp("data"), lesions_a_class=10, size=32)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, data: tuple[Path, Path]) -> Path:
    """A run of one process; beside it ``interrupted``, the same run after its first epoch."""
    out = tmp_path_factory.mktemp("runs") / "alone"
    save = Trainer.save

    def save_and_copy(trainer: Trainer, path: Path) -> None:
        save(trainer, path)
        if trainer.progress.epoch == 1:
            # Without its decoded images: they are decoded again, by one of the two processes.
            copytree(out, out.with_name("interrupted"), ignore=ignore_patterns("cache"))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Trainer, "save", save_and_copy)
        assert main(train_arguments(data, out)) == 0
    return out


def test_two_processes_train_what_one_process_trains(tmp_path: Path) -> None:
    """To rounding: same images, same random changes, same gradients, same norms, same figures."""
    alone = curve(tmp_path / "alone.pt")
    printed = on_two_processes("tests.inference.training.tiny_ranks", tmp_path / "two.pt")
    together = json.loads(printed.splitlines()[-1])
    for mine, theirs in zip(together, alone, strict=True):
        for figure in ("loss", "rate", "balanced_accuracy", "macro_auc", "validation_loss"):
            assert mine[figure] == pytest.approx(theirs[figure], rel=1e-4), figure
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"alone.pt", "progress.json", "two.pt"}
    for name, value in checkpoint(tmp_path / "alone.pt")["average"].items():
        found = checkpoint(tmp_path / "two.pt")["average"][name]
        torch.testing.assert_close(found, value, rtol=1e-3, atol=1e-4)


def test_two_processes_go_on_with_a_run_of_one(data: tuple[Path, Path], alone: Path) -> None:
    interrupted = alone.with_name("interrupted")
    assert checkpoint(interrupted / "checkpoint.pt")["progress"]["epoch"] == 1
    printed = on_two_processes("inference.training", *train_arguments(data, interrupted))
    assert (printed.count("Epoch 2 of 2"), printed.count("Trained:")) == (1, 1), "one talks"
    found, expected = (checkpoint(out / "checkpoint.pt") for out in (interrupted, alone))
    assert found["progress"]["finished"]
    assert [row["epoch"] for row in found["progress"]["history"]] == [1, 2]
    mine, theirs = (state["progress"]["history"][1]["loss"] for state in (found, expected))
    assert mine == pytest.approx(theirs, rel=0.1)
    left = {path.name for path in interrupted.iterdir()}
    assert left == {path.name for path in alone.iterdir()}


def test_a_run_is_not_gone_on_with_under_other_settings(
    data: tuple[Path, Path], alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*train_arguments(data, alone), "--set=label_smoothing=0.1"]) == 1
    assert "another label_smoothing" in capsys.readouterr().err


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_lesion_is_validated_by_one_rank_and_every_image_once(
    data: tuple[Path, Path], alone: Path, count: int
) -> None:
    groups = group_records(read_records(data[1]))
    lesions = [groups[name] for name in Split.read(alone / "split.json").parts["validation"]]
    dealt = shards(lesions, count)
    assert sorted(np.concatenate(dealt)) == list(range(len(lesions)))
    shown = [{lesions[position] for position in positions} for positions in dealt]
    assert sum(map(len, shown)) == len(set(lesions)) < len(lesions)
    sizes = [len(positions) for positions in dealt]
    assert max(sizes) - min(sizes) <= 2


def test_the_ranks_shares_of_a_batch_are_the_batch() -> None:
    shares = [list(range(12)[Ranks(rank=rank, count=3).share_of(12)]) for rank in range(3)]
    assert shares == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_a_batch_that_the_ranks_cannot_share_is_refused() -> None:
    with pytest.raises(DataError, match="set batch_size to a multiple of 3"):
        tiny_trainer(TINY, ranks=Ranks(count=3))


def test_a_device_that_is_not_there_is_refused() -> None:
    for device, words in (("cuda", "no CUDA device"), ("abacus", "none of auto, cpu, cuda")):
        if device == "cuda" and torch.cuda.is_available():
            continue
        with pytest.raises(DataError, match=words), joined_ranks(device):
            pass


@pytest.fixture
def one_rank() -> Iterator[None]:
    torch.distributed.init_process_group(
        "gloo", store=torch.distributed.HashStore(), rank=0, world_size=1
    )
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("momentum", [0.1, None])
def test_a_norm_over_ranks_is_torchs_norm(one_rank: None, momentum: float | None) -> None:
    """Of one rank here; that two agree with one is what the runs above show."""
    plain = nn.BatchNorm2d(5, momentum=momentum)
    nn.init.uniform_(plain.weight)
    norm = SynchronisedBatchNorm(5, momentum=momentum)
    norm.load_state_dict(plain.state_dict())
    for _ in range(3):
        images = torch.randn(4, 5, 6, 7) * 3 + 1
        inputs = [images.clone().requires_grad_() for _ in range(2)]
        outputs = [layer(some) for layer, some in zip((plain, norm), inputs, strict=True)]
        torch.testing.assert_close(outputs[1], outputs[0], rtol=1e-4, atol=1e-5)
        for output in outputs:
            (output**3).mean().backward()
        torch.testing.assert_close(inputs[1].grad, inputs[0].grad, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.weight.grad, plain.weight.grad, rtol=1e-4, atol=1e-5)
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(norm.state_dict()[name], value, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.eval()(images), plain.eval()(images), rtol=1e-4, atol=1e-5)


def test_norms_over_ranks_keep_names_and_tensors() -> None:
    model = tiny_network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    synchronised = synchronise_batch_norms(model, Ranks(count=2))
    norms = [layer for layer in synchronised.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert [type(layer) for layer in norms] == [SynchronisedBatchNorm] * 2
    torch.testing.assert_close(dict(synchronised.state_dict()), before)
