"""What is compared: labelled images, two models' answers to them, and the rules of the verdict."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inference.training.measures import Flags, Floats, Labels

UNKNOWN_CLASS = -1


class SealedImage(NamedTuple):
    """One labelled image. `patient` is a pseudonym; `label` the class that models learn.

    `malignant` is None where the lesion is neither: such an image counts for the diagnoses alone.
    `age` in years, `skin_type` Fitzpatrick's; empty or None where unknown.
    """

    row: int
    patient: str
    organisation: str
    label: str
    malignant: bool | None
    label_source: str
    sex: str
    age: int | None
    body_site: str
    skin_type: int | None
    image_kind: str


class Answer(NamedTuple):
    """One model's answer to one image."""

    called: str
    malignancy: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Contender:
    """A model: its name, its classes, its operating point, and its answers by row.

    A row that is missing in `answers` was tried and failed for good.
    """

    name: str
    codes: Sequence[str]
    threshold: float | None
    answers: Mapping[int, Answer]


@dataclass(frozen=True)
class Rules:
    """When a candidate is not worse. `margins` are shares, by measure.

    `fewest_images`, `fewest_malignant`: below these nothing is decided (where no image is
    called differently a bootstrap knows no doubt; docs/promotion.md). `subgroup_images` and
    `subgroup_patients`: below these a subgroup is shown and not tested.
    """

    margins: Mapping[str, float]
    fewest_images: int = 200
    fewest_malignant: int = 90
    subgroup_images: int = 50
    subgroup_patients: int = 20
    resamples: int = 2000
    seed: int = 1


@dataclass(frozen=True)
class Side:
    """One model's answers as arrays (N,).

    An image without an answer counts as called wrongly, and as the wrong side of the operating
    point ("intention to diagnose", Schuetz et al., BMJ 2012;345:e6717): who cannot answer an image
    must not gain by it.
    """

    contender: Contender
    answered: Flags
    called: Labels  # UNKNOWN_CLASS for a class that no label has, and without an answer
    malignancy: Floats  # 0 without an answer
    probabilities: Floats  # (N, C) of the contest's classes; 0 for those the model does not know

    def chosen(self, rows: NDArray[np.int64]) -> "Side":
        """Some of the images."""
        return replace(
            self,
            answered=self.answered[rows],
            called=self.called[rows],
            malignancy=self.malignancy[rows],
            probabilities=self.probabilities[rows],
        )

    @cached_property
    def marked(self) -> Flags:
        """Whether the malignancy reaches the operating point."""
        threshold = self.contender.threshold
        if threshold is None:
            return np.zeros(len(self.malignancy), dtype=bool)
        marked: Flags = self.answered & (self.malignancy >= threshold)
        return marked


class Contest:
    """Both sides on the same images."""

    def __init__(
        self, images: Sequence[SealedImage], candidate: Contender, champion: Contender
    ) -> None:
        self.images = images
        self.classes = sorted({image.label for image in images})
        place = {code: index for index, code in enumerate(self.classes)}
        self.labels: Labels = np.array([place[image.label] for image in images], dtype=np.int64)
        self.malignant: Flags = np.array([image.malignant is True for image in images], dtype=bool)
        self.benign: Flags = np.array([image.malignant is False for image in images], dtype=bool)
        self.candidate = self._side(candidate, place)
        self.champion = self._side(champion, place)

    @property
    def sides(self) -> dict[str, Side]:
        """By their names in a report."""
        return {"candidate": self.candidate, "champion": self.champion}

    @property
    def both_answered(self) -> Flags:
        """Where probabilities can be compared."""
        return self.candidate.answered & self.champion.answered

    def chosen(self, rows: NDArray[np.int64]) -> "Contest":
        """Some of the images."""
        chosen = copy.copy(self)
        chosen.images = [self.images[row] for row in rows]
        chosen.labels = self.labels[rows]
        chosen.malignant, chosen.benign = self.malignant[rows], self.benign[rows]
        chosen.candidate, chosen.champion = self.candidate.chosen(rows), self.champion.chosen(rows)
        return chosen

    def _side(self, contender: Contender, place: Mapping[str, int]) -> Side:
        size = len(self.images)
        answered = np.zeros(size, dtype=bool)
        called = np.full(size, UNKNOWN_CLASS, dtype=np.int64)
        malignancy = np.zeros(size)
        probabilities = np.zeros((size, len(place)))
        for index, image in enumerate(self.images):
            answer = contender.answers.get(image.row)
            if answer is None:
                continue
            answered[index] = True
            called[index] = place.get(answer.called, UNKNOWN_CLASS)
            malignancy[index] = answer.malignancy
            for code, probability in answer.probabilities.items():
                if code in place:
                    probabilities[index, place[code]] = probability
        return Side(contender, answered, called, malignancy, probabilities)
