"""From images to calibrated answers: batches, test-time augmentation, temperature, class maps."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.engine.decisions import called_classes, likeliest_classes
from inference.engine.explain import class_activation
from inference.engine.familiarity import familiarity_of
from inference.engine.forward_pass import ForwardPass, Runtime
from inference.engine.package import Package
from inference.engine.preprocess import to_batch
from inference.engine.projection import Projection
from inference.engine.trees import ARCHITECTURE as TREES
from inference.engine.views import COUNT, view_of, views_of


@dataclass(frozen=True)
class Answer:
    """What the model says of one image.

    ``probabilities`` sum to 1 and are in the package's class order; ``malignancy`` is the sum over
    the classes that count as malignant; ``uncertainty`` is the entropy over its largest possible
    value; ``activation`` is float32 (h, w), 1 where the image spoke most for the likeliest class.
    ``likeliest`` is the code of the most probable class, ``called`` that of the package's decision,
    which gives rare classes more weight where the package says so. ``plausible`` are the codes that
    cannot be ruled out at the package's coverage: the one called, then the others, likeliest first;
    empty where the package makes no such promise. ``strangeness`` is the distance from the training
    images' features, over the package's threshold: above 1 the image is unlike any of them (None
    where the package has no measure). ``features`` (F,) are what the last layer saw, the mean over
    the views (None for trees: theirs are the pixels), and ``projection`` a few numbers of them (see
    ``engine.projection``).
    """

    probabilities: dict[str, float]
    malignancy: float
    uncertainty: float
    activation: NDArray[np.float32]
    likeliest: str
    called: str
    plausible: tuple[str, ...] = ()
    strangeness: float | None = None
    features: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    projection: tuple[float, ...] = field(default=(), repr=False, compare=False)


class Classifier:
    """A package in service on one runtime."""

    def __init__(self, package: Package, runtime: Runtime) -> None:
        self.package = package
        self.runtime = runtime
        self._codes = [entry.code for entry in package.classes]
        self._familiarity = familiarity_of(package)
        self._projection = Projection(package.reference)
        self._learns_features = package.architecture.name != TREES
        self._malignant = np.array([entry.counts_as_malignant for entry in package.classes])

    def classify(self, images: Sequence[NDArray[np.uint8]]) -> list[Answer]:
        """Answer each uint8 (size, size, 3) image, in order; batches are made here."""
        answers: list[Answer] = []
        for start in range(0, len(images), self.runtime.batch_size):
            outputs = self._forward(images[start : start + self.runtime.batch_size])
            probabilities = self._calibrated(outputs.logits)
            strangeness = self._strangeness(outputs.features)
            features = outputs.features if self._learns_features else [None] * len(strangeness)
            answers.extend(
                map(self._answer, probabilities, outputs.class_maps, strangeness, features)
            )
        return answers

    def _forward(self, images: Sequence[NDArray[np.uint8]]) -> ForwardPass:
        batch = to_batch(images, self.package.preprocessing)
        if self.package.test_time_augmentation == "none":
            return self.runtime.forward(batch)
        # One image's eight views fill a batch; those of many go through in as few as they need.
        views = np.concatenate(list(views_of(batch)))
        size = self.runtime.batch_size
        passes = [
            self.runtime.forward(views[start : start + size])
            for start in range(0, len(views), size)
        ]
        logits = _by_view([output.logits for output in passes]).mean(axis=0)
        features = _by_view([output.features for output in passes]).mean(axis=0)
        # Each view's maps are turned back before they are averaged.
        maps = [
            view_of(class_maps, index, back=True)
            for index, class_maps in enumerate(_by_view([output.class_maps for output in passes]))
        ]
        return ForwardPass(logits, np.mean(maps, axis=0), features)

    def _calibrated(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        calibration = self.package.calibration
        scores = logits.astype(np.float64) / calibration.temperature
        if calibration.class_offsets:
            scores += np.asarray(calibration.class_offsets)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
        return probabilities

    def _strangeness(self, features: NDArray[np.float32]) -> list[float | None]:
        if self._familiarity is None:
            return [None] * len(features)
        return list(self._familiarity.strangeness(features).tolist())

    def _answer(
        self,
        probabilities: NDArray[np.float64],
        class_maps: NDArray[np.float32],
        strangeness: float | None,
        features: NDArray[np.float32] | None,
    ) -> Answer:
        entropy = -np.sum(probabilities * np.log(np.maximum(probabilities, 1e-12)))
        likeliest = int(likeliest_classes(probabilities[None], self.package.classes)[0])
        called = int(
            called_classes(probabilities[None], self.package.classes, self.package.calibration)[0]
        )
        return Answer(
            probabilities=dict(zip(self._codes, probabilities.tolist(), strict=True)),
            malignancy=min(1.0, float(probabilities[self._malignant].sum())),
            uncertainty=float(np.clip(entropy / np.log(len(self._codes)), 0, 1)),
            activation=class_activation(class_maps[likeliest]),
            likeliest=self._codes[likeliest],
            called=self._codes[called],
            plausible=self._plausible(probabilities, called),
            strangeness=strangeness,
            features=features,
            projection=self._projection.of(features),
        )

    def _plausible(self, probabilities: NDArray[np.float64], called: int) -> tuple[str, ...]:
        """The conformal set; the class called always belongs to it."""
        conformal = self.package.conformal
        if conformal is None:
            return ()
        inside = [
            index
            for index in np.argsort(-probabilities, kind="stable")
            if index != called and 1 - probabilities[index] <= conformal.thresholds[index]
        ]
        return tuple(self._codes[index] for index in (called, *inside))


def _by_view(batches: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Join batches (n, ...) of all images' first views, second views and so on: (8, N, ...)."""
    joined = np.concatenate(batches)
    return joined.reshape(COUNT, -1, *joined.shape[1:])
