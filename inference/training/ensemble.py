"""Several finished runs as one model: weights fitted on validation, one package of all members."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.allowed_models import FEWEST_MEMBERS
from inference.engine.package import Package
from inference.training.data_sets import DataSet
from inference.training.ensemble_comparison import EQUAL, FITTED, compare_ways, fitted_is_better
from inference.training.ensemble_members import (
    ensemble_ingredients,
    gather_members,
    member_names,
    shared_augmentations,
)
from inference.training.ensemble_weights import equal_weights, fit_weights
from inference.training.outputs import OUTPUTS
from inference.training.packaging import package_ingredients
from inference.training.records import DataError

ENSEMBLE = "ensemble.json"


def fit_ensemble(runs: Sequence[Path], out: Path, *, equal: bool = False) -> dict[str, Any]:
    """Fit the members' weights, write ``ensemble.json`` to ``out`` and return what it holds.

    For each test-time augmentation that all runs have: the weights, and how members, equal and
    fitted weights and mean ranks do on lesions that they were not fitted on. Fitted weights are
    taken only where they are better than equal ones beyond chance, and never where ``equal``.
    Ranks are reported and not served: they need a population to be ranked among, and say nothing
    of how sure the members are. Only validation outputs are looked at. Raises DataError where the
    runs cannot be joined.
    """
    members = gather_members(runs)
    validation = [member.outputs["validation"] for member in members]
    labels = validation[0].labels(members[0].classes)
    ways: dict[str, Any] = {}
    for augmentation in shared_augmentations(members):
        logits = np.stack([part.logits_with(augmentation) for part in validation])
        comparison = compare_ways(logits, labels, validation[0].records, member_names(members))
        fitted = not equal and fitted_is_better(comparison)
        weights = (fit_weights if fitted else equal_weights)(logits, labels)
        if np.count_nonzero(weights) < FEWEST_MEMBERS:
            fitted, weights = False, equal_weights(logits, labels)
        ways[augmentation] = {
            "way": FITTED if fitted else EQUAL,
            "weights": [round(float(weight), 6) for weight in weights],
            "validation_out_of_fold": comparison,
        }
    out.mkdir(parents=True, exist_ok=True)
    document = {
        "runs": [
            {"folder": os.path.relpath(run, out), "outputs_sha256": _sha256(run / OUTPUTS)}
            for run in runs
        ],
        "members": member_names(members),
        "augmentations": ways,
    }
    text = json.dumps(document, indent=1)
    (out / ENSEMBLE).write_text(text + "\n", encoding="utf-8")
    return document


def package_ensemble(
    ensemble: Path,
    out: Path,
    *,
    version: str,
    name: str | None = None,
    test_time_augmentation: str | None = None,
    eight_bits: bool = False,
    trained_on: Sequence[DataSet] = (),
    note: str = "",
    elsewhere: Mapping[str, Path] | None = None,
    lineage: Mapping[str, Any] | None = None,
) -> Package:
    """Write the package of an ``ensemble.json``, as ``package_checkpoint`` does of one run."""
    document = json.loads(ensemble.read_text(encoding="utf-8"))
    runs = [ensemble.parent / run["folder"] for run in document["runs"]]
    for run, fitted in zip(runs, document["runs"], strict=True):
        if not (run / OUTPUTS).exists() or _sha256(run / OUTPUTS) != fitted["outputs_sha256"]:
            raise DataError(
                f"The run {run.name} is not what it was when the ensemble was fitted: "
                "run the ensemble command again."
            )
    members = gather_members(runs)
    served = test_time_augmentation or members[0].training["settings"]["test_time_augmentation"]
    if served not in document["augmentations"]:
        raise DataError(f"Not all runs have outputs with test-time augmentation {served}.")
    ingredients = ensemble_ingredients(members, document["augmentations"][served])
    return package_ingredients(
        ingredients,
        out,
        name=name or "ensemble",
        version=version,
        test_time_augmentation=served,
        eight_bits=eight_bits,
        trained_on=trained_on,
        note=note,
        elsewhere=elsewhere,
        lineage=lineage,
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
