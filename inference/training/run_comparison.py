"""Finished runs side by side on their validation part, each in pairs with the first.

For choosing between settings: the test part is not looked at. A difference is measured on the same
resampled lesions for both runs, so what makes images hard for both does not blur it. The intervals
are about images alone: another seed of the same settings differs too, so compare that as well.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from inference.training.calibration import calibrated, fit_calibration
from inference.training.cross_fitting import PIECES, lesion_pieces
from inference.training.measures import Flags, Floats, Labels, expected_calibration_error, softmax
from inference.training.outputs import OUTPUTS, read_outputs
from inference.training.predictions import Predictions
from inference.training.provenance import RUN
from inference.training.records import DataError
from inference.training.resampling import Interval, Measure, Resamples, between, ratio
from inference.training.taxonomy import model_classes
from inference.training.weighted_measures import (
    area_under_roc,
    balanced_accuracy,
    mean_of_defined,
)

MELANOMA = "mel"


@dataclass(frozen=True)
class Run:
    """A run's validation part: as the network answers, and as a package calibrates it."""

    name: str
    plain: Predictions
    packaged: Predictions
    called: Labels  # with each piece's decision offsets


@dataclass(frozen=True)
class Figure:
    """A value and, where the measure has one, its paired difference to the first run."""

    value: float
    difference: float | None = None
    interval: Interval = None


def read_run(folder: Path, *, test_time_augmentation: str = "none") -> Run:
    """A finished run; its calibration is fitted on other lesions than it is measured on.

    Raises DataError when the run is not finished.
    """
    if not (folder / OUTPUTS).exists():
        raise DataError(f"The run {folder.name} is not finished: it has no {OUTPUTS}.")
    part = read_outputs(folder / OUTPUTS)["validation"]
    logits = part.logits_with(test_time_augmentation)
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    classes = model_classes(run["recipe"]["classes"])
    labels = part.labels([entry.code for entry in classes])
    plain = Predictions(classes, part.records, softmax(logits), labels)
    probabilities, called = np.empty_like(logits), np.empty_like(labels)
    pieces = lesion_pieces(part.records, PIECES, seed=0)
    for piece in range(PIECES):
        here = pieces == piece
        calibration = fit_calibration(logits[~here], labels[~here])
        packaged = replace(
            plain, probabilities=calibrated(logits, calibration), calibration=calibration
        )
        probabilities[here], called[here] = packaged.probabilities[here], packaged.called[here]
    return Run(folder.name, plain, replace(plain, probabilities=probabilities), called)


def compare(runs: Sequence[Run], *, seed: int = 0) -> list[dict[str, Figure]]:
    """Each run's figures by name, with their difference to the first run's.

    Raises DataError when the runs have not validated on the same images.
    """
    ids = [[record.image_id for record in run.plain.records] for run in runs]
    for run, own in zip(runs, ids, strict=True):
        if own != ids[0]:
            raise DataError(
                f"The run {run.name} was validated on other images than {runs[0].name}: give both "
                f"the same split.json."
            )
    lesions = [record.lesion_id for record in runs[0].plain.records]
    resamples = Resamples.of_lesions(lesions, seed=seed)
    first = {
        name: (float(resamples.estimate(measure)), resamples.values(measure))
        for name, measure in _measures(runs[0]).items()
    }
    compared = []
    for run in runs:
        figures: dict[str, Figure] = {}
        for name, measure in _measures(run).items():
            value, (firsts, values) = float(resamples.estimate(measure)), first[name]
            apart = between(resamples.values(measure) - values)
            figures[name] = Figure(value, value - firsts, apart)
        right = run.packaged.likeliest == run.packaged.labels
        error = expected_calibration_error(run.packaged.confidence, right)
        compared.append(figures | {"ECE": Figure(error)})
    return compared


def as_markdown(runs: Sequence[Run], compared: Sequence[Mapping[str, Figure]]) -> str:
    """A table with a row for each run: values, differences to the first, their 95 % intervals."""
    names = list(compared[0])
    rows = [["run", *names], ["---"] * (len(names) + 1)]
    for run, figures in zip(runs, compared, strict=True):
        cells = [_cell(figures[name], first=run is runs[0]) for name in names]
        rows.append([run.name, *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(figure: Figure, *, first: bool) -> str:
    text = f"{figure.value:.3f}"
    if first or figure.difference is None or figure.interval is None:
        return text
    low, high = figure.interval
    return f"{text}, {figure.difference:+.3f} ({low:+.3f} to {high:+.3f})"


def _measures(run: Run) -> dict[str, Measure]:
    """From the columns' names to the measures that have a paired difference."""
    packaged, labels = run.packaged, run.packaged.labels
    measures: dict[str, Measure] = {
        "balanced accuracy, uncalibrated": partial(
            balanced_accuracy, predicted=run.plain.likeliest, labels=labels
        ),
        "balanced accuracy": partial(balanced_accuracy, predicted=run.called, labels=labels),
        "macro AUC": partial(_macro_auc, predictions=packaged),
        "malignancy AUC": partial(
            area_under_roc, scores=packaged.malignancy, positive=packaged.malignant
        ),
    }
    if MELANOMA in packaged.codes:
        melanoma = packaged.codes.index(MELANOMA)
        measures["melanoma sensitivity"] = partial(
            _sensitivity, called=run.called == melanoma, positive=labels == melanoma
        )
    return measures


def _macro_auc(weights: Floats, *, predictions: Predictions) -> Floats:
    areas = [
        area_under_roc(weights, predictions.probabilities[:, index], predictions.labels == index)
        for index in range(len(predictions.classes))
    ]
    return mean_of_defined(np.stack(areas, axis=1))


def _sensitivity(weights: Floats, *, called: Flags, positive: Flags) -> Floats:
    found = (called & positive).astype(np.float64)[:, None]
    found_share: Floats = ratio(weights, found, positive.astype(np.float64)[:, None])[:, 0]
    return found_share
