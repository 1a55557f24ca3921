"""Preparing a model: export, agreement, private storage, another worker's empty cache."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.models import LesionImage
from inference.models import ModelVersion, Prediction
from inference.tasks import sweep_task
from tests.factories import ModelVersionFactory
from tests.inference.conftest import write_untrained_package

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]


@pytest.mark.model
def test_the_command_installs_prepares_activates_and_can_run_again(
    package_zip: Path, picture: Picture, tmp_path: Path, settings: Any, capsys: Any
) -> None:
    """The real way: export, agreement, private storage, another worker's empty cache, an answer."""
    settings.INFERENCE_CACHE_DIR = tmp_path / "first"
    image = picture()
    for _ in range(2):
        call_command("install_model", str(package_zip), "--activate")
    assert "untrained 1.0.0 is active." in capsys.readouterr().out
    version = ModelVersion.objects.get()
    assert version.agreement is not None
    assert version.agreement <= 1e-4

    settings.INFERENCE_CACHE_DIR = tmp_path / "second"
    from inference.worker.drain import Drain
    from inference.worker.loaded_models import LoadedModels

    Drain(models=LoadedModels(), must_stop=lambda: False).run()

    prediction = Prediction.objects.get(image=image)
    assert (prediction.state, prediction.reason) == ("succeeded", "")
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    malignant = sum(prediction.probabilities[code] for code in ("akiec", "bcc", "mel"))
    assert prediction.malignancy == pytest.approx(malignant)

    _a_damaged_cache_is_fetched_again(version, tmp_path / "second")
    _a_worker_on_a_cpu_does_not_import_torch(version, tmp_path / "second")


def _a_damaged_cache_is_fetched_again(version: ModelVersion, cache: Path) -> None:
    from inference.worker.loaded_models import LoadedModels

    folder = cache / version.digest
    (folder / "network.onnx").write_bytes(b"damaged")
    (folder / "package/models/model.safetensors").write_bytes(b"damaged")
    assert LoadedModels().classifier(version).package.digest == version.digest


LOADS_FROM_THE_CACHE = """
import sys
from pathlib import Path
from inference.engine.classifier import Classifier
from inference.engine.package import open_package
from inference.engine.runtime import choose_runtime
folder = Path(sys.argv[1])
package = open_package(folder / "package")
Classifier(package, choose_runtime(package, onnx_path=folder / "network.onnx", device="cpu"))
print("torch" in sys.modules)
"""


def _a_worker_on_a_cpu_does_not_import_torch(version: ModelVersion, cache: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADS_FROM_THE_CACHE, str(cache / version.digest)],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"


@pytest.mark.model
def test_a_package_whose_weights_do_not_fit_says_so_and_stays_out_of_service(
    tmp_path: Path, settings: Any
) -> None:
    settings.INFERENCE_CACHE_DIR = tmp_path / "cache"
    package = write_untrained_package(tmp_path / "wrong.zip", version="9.0.0", leave_out="fc.bias")

    with pytest.raises(CommandError, match="do not fit"):
        call_command("install_model", str(package), "--activate")

    version = ModelVersion.objects.get()
    assert version.prepared_at is None
    assert "fc.bias" in version.preparation_error
    assert version.state == "candidate"


def test_the_sweep_asks_again_for_a_preparation_that_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "inference.services.installation.send_task", lambda task, key: asked.append(key)
    )
    lost = ModelVersionFactory(state="candidate", prepared_at=None)
    ModelVersionFactory(state="candidate", prepared_at=None)
    ModelVersion.objects.filter(pk=lost.pk).update(
        created_at=timezone.now() - timedelta(minutes=30)
    )
    sweep_task()
    assert asked == [str(lost.pk)]


WEB_PROCESS = """
import django, sys
django.setup()
from django.contrib import admin
from django.urls import get_resolver
get_resolver().url_patterns
admin.autodiscover()
import inference.tasks, inference.templatetags.predictions
heavy = {"torch", "monai", "onnxruntime", "onnx", "numpy", "safetensors"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_web_process_imports_nothing_of_the_workers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
