"""A model that is no network: installed, prepared without an export, and answering."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from clinic.models import LesionImage
from inference.models import ModelVersion, Prediction
from inference.overlay import render_saliency
from tests.factories import HAM10000_CLASSES
from tests.inference.engine.tree_packages import random_trees, write_tree_package

pytestmark = pytest.mark.django_db


def test_trees_are_installed_prepared_and_answer_with_a_map(
    picture: Callable[..., LesionImage], tmp_path: Path, settings: Any
) -> None:
    settings.INFERENCE_CACHE_DIR = tmp_path / "cache"
    package = tmp_path / "trees.zip"
    write_tree_package(package, name="trees", classes=HAM10000_CLASSES)
    image = picture()
    call_command("install_model", str(package), "--activate", verbosity=0)
    version = ModelVersion.objects.get()
    assert (version.state, version.preparation_error) == ("active", "")
    assert (version.onnx.name, version.agreement) == ("", None)

    from inference.worker.drain import Drain
    from inference.worker.loaded_models import LoadedModels

    models = LoadedModels()
    Drain(models=models, must_stop=lambda: False).run()
    assert models.classifier(version).runtime.name == "numpy-cpu"
    prediction = Prediction.objects.get(image=image)
    assert (prediction.state, prediction.reason) == ("succeeded", "")
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    overlay = Image.open(BytesIO(render_saliency(bytes(prediction.saliency))))
    assert overlay.getchannel("A").getextrema()[1] > 0


def test_trees_that_do_not_fit_cannot_go_into_service(tmp_path: Path, settings: Any) -> None:
    settings.INFERENCE_CACHE_DIR = tmp_path / "cache"
    tensors = random_trees(len(HAM10000_CLASSES))
    tensors["feature"][0, 0, 0] = 10**6
    package = tmp_path / "trees.zip"
    write_tree_package(package, tensors, name="trees", classes=HAM10000_CLASSES)
    with pytest.raises(CommandError, match="ask for a pixel that the image does not have"):
        call_command("install_model", str(package), "--activate", verbosity=0)
    version = ModelVersion.objects.get()
    assert (version.state, version.prepared_at) == ("candidate", None)
