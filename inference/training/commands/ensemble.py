"""``ensemble``: several finished runs as one model; ``package`` then takes its ensemble.json."""

import argparse
from pathlib import Path
from typing import Any

from inference.training.commands import say


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN", help="folder of a finished run; the first "
        "one's features decide what is familiar"
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder for ensemble.json")
    parser.add_argument(
        "--equal", action="store_true", help="do not fit weights, even where that would be better"
    )


def run(options: argparse.Namespace) -> None:
    from inference.training.ensemble import ENSEMBLE, fit_ensemble

    document = fit_ensemble(options.runs, options.out, equal=options.equal)
    for augmentation, fit in document["augmentations"].items():
        say(f"\nTest-time augmentation {augmentation}; validation, on lesions not fitted on:")
        for entry in fit["validation_out_of_fold"]:
            say(_row(entry))
        weights = zip(document["members"], fit["weights"], strict=True)
        named = ", ".join(f"{name} {weight:.3f}" for name, weight in weights)
        say(f"In service: {fit['way']} ({named}).")
    say(f"Written: {options.out / ENSEMBLE}")


def _row(entry: dict[str, Any]) -> str:
    log_loss = f"{entry['log_loss']:.3f}" if "log_loss" in entry else "  –  "
    gain = entry.get("balanced_accuracy_over_equal")
    return (
        f"  {entry['name']:<28} balanced accuracy {entry['balanced_accuracy']:.3f}"
        f"{_interval(entry, 'balanced_accuracy')}  macro AUC {entry['macro_auc']:.3f}"
        f"  log loss {log_loss}"
        + ("" if gain is None else f"  over equal {gain:+.3f}")
        + (_interval(entry, "balanced_accuracy_over_equal") if gain is not None else "")
    )


def _interval(entry: dict[str, Any], key: str) -> str:
    bounds = entry[f"{key}_interval"]
    return f" ({bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
