"""Pictures in private storage, and a model that answers by rule where only the queue matters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import Organisation
from clinic.models import Case, LesionImage
from inference.engine.classifier import Answer
from inference.models import ModelVersion
from tests.factories import (
    HAM10000_CLASSES,
    CaseFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
)

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def jpeg(
    colour: tuple[int, int, int] = (180, 140, 120), size: tuple[int, int] = (120, 90)
) -> bytes:
    """A picture of one colour."""
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def case(northside: Organisation) -> Case:
    """A submitted case at Northside."""
    return CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)


@pytest.fixture
def picture(case: Case) -> Callable[..., LesionImage]:
    """Store a picture in the case: `picture()`, `picture(b"no image")`, `picture(case=other)`."""

    def store(content: bytes | None = None, **fields: Any) -> LesionImage:
        fields.setdefault("case", case)
        return LesionImageFactory(
            file=ContentFile(content or jpeg(), name="image.jpg"), width=120, height=90, **fields
        )

    return store


@pytest.fixture
def active_model(db: None) -> ModelVersion:
    return ModelVersionFactory(state="active")


@dataclass
class RuleClassifier:
    """Answers melanoma with the redness of the picture; a black picture breaks it."""

    runtime: Any = field(default_factory=lambda: SimpleNamespace(batch_size=8, name="rule"))
    batches: list[int] = field(default_factory=list)
    before: Callable[[Sequence[np.ndarray]], None] | None = None

    def classify(self, images: Sequence[np.ndarray]) -> list[Answer]:
        self.batches.append(len(images))
        if self.before:
            self.before(images)
        if any(image.max() < 8 for image in images):
            msg = "A black picture."
            raise ValueError(msg)
        return [self._answer(image) for image in images]

    def _answer(self, image: np.ndarray) -> Answer:
        melanoma = float(image[..., 0].mean()) / 255
        rest = {code: (1 - melanoma) / 6 for code in CODES if code != "mel"}
        activation = np.zeros((5, 5), dtype=np.float32)
        activation[2, 2] = 1
        likeliest = max(CODES, key=({**rest, "mel": melanoma}).__getitem__)
        return Answer(
            {**rest, "mel": melanoma},
            melanoma,
            0.5,
            activation,
            likeliest,
            called="mel",
            plausible=("mel", "nv"),
            strangeness=0.25,
            features=np.array([3.0, 4.0, 0.0, 0.0], dtype=np.float32),
        )


class RuleModels:
    """Every model version is the same rule."""

    def __init__(self, classifier: RuleClassifier) -> None:
        self._classifier = classifier

    def classifier(self, version: ModelVersion) -> RuleClassifier:
        return self._classifier


@pytest.fixture
def rule() -> RuleClassifier:
    return RuleClassifier()


@pytest.fixture
def drain(rule: RuleClassifier) -> Callable[..., Any]:
    """Run a worker's drain with the rule for a model."""
    from inference.worker.drain import Drain

    def run(**options: Any) -> Any:
        options.setdefault("models", RuleModels(rule))
        options.setdefault("must_stop", lambda: False)
        return Drain(**options).run()

    return run


@pytest.fixture(scope="session")
def package_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose network is real, small images and untrained: enough for the registry."""
    return write_untrained_package(tmp_path_factory.mktemp("package") / "package.zip")


def write_untrained_package(path: Path, version: str = "1.0.0", leave_out: str = "") -> Path:
    """Random weights: for tests of what surrounds a model, never of its answers."""
    import torch
    from safetensors.torch import save

    from inference.engine.architectures import build_classifier
    from inference.engine.package import Architecture, write_package

    torch.manual_seed(7)
    network = build_classifier(Architecture("resnet18"), classes=len(HAM10000_CLASSES)).network
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
        if name != leave_out
    }
    write_package(
        path,
        metadata={
            "name": "untrained",
            "version": version,
            "task": "lesion-classification",
            "description": "Random weights, for tests.",
            "licence": "none",
            "architecture": {"name": "resnet18"},
            "classes": HAM10000_CLASSES,
            "preprocessing": {
                "size": 64, "mean": [0.5] * 3, "std": [0.25] * 3, "crop": "centre_square",
            },
            "calibration": {"temperature": 1.0},
            "operating_points": [
                {"name": "sensitivity-0.95", "malignancy_threshold": 0.2, "sensitivity": 0.95,
                 "specificity": 0.5}
            ],
            "test_time_augmentation": "none",
            "metrics": {"balanced_accuracy": 0.14, "macro_auc": 0.5},
            "training": {"seed": 7},
        },
        weights=save(weights),
        card="# Untrained\n\nFor tests.",
        licence="None.",
    )  # fmt: skip
    return path
