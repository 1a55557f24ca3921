"""Models in this process's memory. Loading takes a second, so a process does it once a model."""

import logging
import threading
from collections import OrderedDict

from django.conf import settings

from inference.engine.classifier import Classifier
from inference.engine.runtime import choose_runtime, cuda_is_available
from inference.models import ModelVersion
from inference.worker.package_cache import cached_onnx, cached_package

logger = logging.getLogger(__name__)

# The active model and a shadow, or the model before and after a change.
MOST_LOADED = 2


class LoadedModels:
    """Classifiers by their package's digest; the one that was used longest ago goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._classifiers: OrderedDict[str, Classifier] = OrderedDict()

    def classifier(self, version: ModelVersion) -> Classifier:
        """The model, loaded where it is not yet. Raises PackageError or OSError."""
        with self._lock:
            loaded = self._classifiers.pop(version.digest, None) or _load(version)
            self._classifiers[version.digest] = loaded
            while len(self._classifiers) > MOST_LOADED:
                self._classifiers.popitem(last=False)
            return loaded


def _load(version: ModelVersion) -> Classifier:
    package = cached_package(version)
    device = settings.INFERENCE_DEVICE
    if device == "auto":
        device = "cuda" if cuda_is_available() else "cpu"
    onnx_path = cached_onnx(version) if device == "cpu" else None
    classifier = Classifier(package, choose_runtime(package, onnx_path=onnx_path, device=device))
    logger.info("Loaded %s on %s", version, classifier.runtime.name)
    return classifier


loaded_models = LoadedModels()
