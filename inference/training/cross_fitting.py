"""What calibration and conformal sets do on lesions they were not fitted on.

The validation part is divided by lesion, over and over; fitted on all pieces but one, measured on
that one. The package then keeps what was fitted on the whole part, and these figures say what to
expect of it: its own figures on the images it was fitted on flatter.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import ModelClass
from inference.training.calibration import calibrated, fit_calibration
from inference.training.conformal import fit_conformal, plausible_classes
from inference.training.measures import (
    Floats,
    Labels,
    balanced_accuracy,
    expected_calibration_error,
)
from inference.training.predictions import Predictions
from inference.training.records import Record

PIECES = 5
DIVISIONS = 10
SIMULATIONS = 100


def cross_fitted(
    logits: Floats,
    labels: Labels,
    records: Sequence[Record],
    classes: Sequence[ModelClass],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Figures over ten divisions by lesion, as JSON-ready values.

    ``calibration`` has the calibration errors of the likeliest class and of malignancy, what they
    would be by chance for perfect probabilities and as many images, and the balanced accuracy of
    the class called. ``conformal`` has each class's coverage: over all divisions, and the standard
    deviation from one piece to the next, which is what a single test of that size may show.
    """
    figures: list[dict[str, float]] = []
    covered = np.zeros((DIVISIONS, len(labels)), dtype=bool)
    sizes, pieces = [], []
    for division in range(DIVISIONS):
        piece = lesion_pieces(records, PIECES, seed=seed + division)
        answers, inside = _answers_out_of_sample(logits, labels, records, classes, piece)
        figures.append(_calibration_figures(answers, seed=seed + division))
        covered[division] = inside[np.arange(len(labels)), labels]
        sizes.append(float(inside.sum(axis=1).mean()))
        pieces.append(piece)
    return {
        "calibration": {
            "pieces": PIECES,
            "divisions": DIVISIONS,
            **{key: round(float(np.mean([f[key] for f in figures])), 4) for key in figures[0]},
        },
        "conformal": {
            "mean_size": round(float(np.mean(sizes)), 2),
            "by_class": {
                entry.code: _coverage(covered, np.array(pieces), labels == index)
                for index, entry in enumerate(classes)
                if (labels == index).any()
            },
        },
    }


def lesion_pieces(records: Sequence[Record], pieces: int, *, seed: int) -> NDArray[np.int64]:
    """Which piece (N,) each image belongs to; all images of a lesion are in one."""
    lesions = sorted({record.lesion_id for record in records})
    places = np.random.default_rng(seed).permutation(len(lesions)) % pieces
    piece_of = dict(zip(lesions, places.tolist(), strict=True))
    return np.array([piece_of[record.lesion_id] for record in records], dtype=np.int64)


def _answers_out_of_sample(
    logits: Floats,
    labels: Labels,
    records: Sequence[Record],
    classes: Sequence[ModelClass],
    piece: NDArray[np.int64],
) -> tuple[list[Predictions], NDArray[np.bool_]]:
    """Each piece's answers, and each image's conformal set (N, C), fitted on the other pieces."""
    inside = np.zeros(logits.shape, dtype=bool)
    answers = []
    for number in np.unique(piece):
        calibration = fit_calibration(logits[piece != number], labels[piece != number])
        whole = Predictions(classes, records, calibrated(logits, calibration), labels, calibration)
        conformal = fit_conformal(whole.chosen(np.flatnonzero(piece != number)))
        part = whole.chosen(np.flatnonzero(piece == number))
        inside[piece == number] = plausible_classes(part, conformal)
        answers.append(part)
    return answers, inside


def _calibration_figures(answers: list[Predictions], *, seed: int) -> dict[str, float]:
    """Figures of the pieces pooled."""
    labels = np.concatenate([part.labels for part in answers])
    called = np.concatenate([part.called for part in answers])
    probabilities = np.concatenate([part.probabilities for part in answers])
    malignant = answers[0].counts_as_malignant
    found = _errors(probabilities, labels, malignant)
    random = np.random.default_rng(seed)
    cumulative = probabilities.cumsum(axis=1)
    cumulative[:, -1] = 1.0
    by_chance = [
        _errors(
            probabilities,
            (cumulative > random.random((len(labels), 1))).argmax(axis=1),
            malignant,
        )
        for _ in range(SIMULATIONS // DIVISIONS)
    ]
    return {
        "ece": found[0],
        "ece_if_perfect": float(np.mean([errors[0] for errors in by_chance])),
        "malignancy_ece": found[1],
        "malignancy_ece_if_perfect": float(np.mean([errors[1] for errors in by_chance])),
        "balanced_accuracy": balanced_accuracy(called, labels),
    }


def _errors(
    probabilities: Floats, labels: Labels, malignant: NDArray[np.bool_]
) -> tuple[float, float]:
    """The calibration errors of the likeliest class and of malignancy."""
    right = probabilities.argmax(axis=1) == labels
    malignancy = np.clip(probabilities[:, malignant].sum(axis=1), 0, 1)
    return (
        expected_calibration_error(probabilities.max(axis=1), right),
        expected_calibration_error(malignancy, malignant[labels]),
    )


def _coverage(
    covered: NDArray[np.bool_], pieces: NDArray[np.int64], of_class: NDArray[np.bool_]
) -> dict[str, Any]:
    """Of (divisions, N) images covered, in pieces (divisions, N): the mean, and how it varies."""
    by_piece = [
        float(row[(piece == number) & of_class].mean())
        for row, piece in zip(covered, pieces, strict=True)
        for number in range(PIECES)
        if ((piece == number) & of_class).any()
    ]
    return {
        "images": int(of_class.sum()),
        "coverage": round(float(covered[:, of_class].mean()), 4),
        "standard_deviation_of_a_piece": round(float(np.std(by_piece)), 4),
    }
