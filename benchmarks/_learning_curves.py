"""What the rounds of all seeds say: means, paired intervals, labels saved, and the drawing."""

import re
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from scipy.stats import t as students_t

from inference.training.report.svg import SETTINGS

Curves = dict[str, np.ndarray]  # by strategy: seeds x sizes
RESAMPLES = 4000
COLOURS = ("#6c757d", "#0b7285", "#c2410c", "#5f3dc4", "#2b8a3e", "#a61e4d", "#364fc7", "#846358")
MARKS = "osD^vPX*"


def curves_of(results: dict[str, Any], measure: str) -> Curves:
    """One measure of every run."""
    return {
        name: np.array([[row[measure] for row in rows] for rows in seeds.values()])
        for name, seeds in results["runs"].items()
    }


def paired(difference: np.ndarray) -> tuple[float, float, float]:
    """The mean over seeds (S,) and its 95 % interval by Student's t."""
    mean = float(difference.mean())
    error = float(difference.std(ddof=1) / np.sqrt(len(difference)))
    half = float(students_t.ppf(0.975, len(difference) - 1)) * error
    return mean, mean - half, mean + half


def labels_needed(curve: np.ndarray, sizes: np.ndarray, reached: float) -> float:
    """The first number of labels at which a mean curve reaches a value; infinite if it does not."""
    above = np.flatnonzero(curve >= reached)
    if not len(above):
        return np.inf
    if above[0] == 0:
        return float(sizes[0])
    before, after = above[0] - 1, above[0]
    share = (reached - curve[before]) / (curve[after] - curve[before])
    return float(sizes[before] + share * (sizes[after] - sizes[before]))


def labels_saved(curves: Curves, sizes: np.ndarray, name: str, at: int) -> dict[str, float | None]:
    """Labels that a strategy needs to be as good as random choice with ``at`` of them.

    The interval is from drawing seeds with replacement, the same for both. None: more than were
    simulated.
    """
    place = int(np.flatnonzero(sizes == at)[0])
    random = np.random.default_rng(0)
    seeds = len(curves[name])

    def needed(rows: np.ndarray) -> float:
        reached = float(curves["random"][rows, place].mean())
        return labels_needed(curves[name][rows].mean(axis=0), sizes, reached)

    drawn = [needed(random.integers(seeds, size=seeds)) for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    values = {"needed": needed(np.arange(seeds)), "low": float(low), "high": float(high)}
    return {name: value if np.isfinite(value) else None for name, value in values.items()}


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """By strategy: means, the paired difference to random, over all sizes and at each."""
    sizes = np.array(results["sizes"])
    curves = curves_of(results, "balanced_accuracy")
    auc = curves_of(results, "malignancy_auc")
    found: dict[str, Any] = {}
    for name, curve in curves.items():
        gap = curve - curves["random"]
        found[name] = {"mean": curve.mean(axis=0).round(4).tolist()}
        if name == "random":
            continue
        found[name] |= {
            # The start is the same for all. One number for the whole curve asks one question.
            "over_all_rounds": paired(gap[:, 1:].mean(axis=1)),
            "auc_over_all_rounds": paired((auc[name] - auc["random"])[:, 1:].mean(axis=1)),
            "at_the_end": paired(gap[:, -1]),
            "labels": {
                str(at): labels_saved(curves, sizes, name, at)
                for at in results["compared_at"]
                if at in sizes
            },
        }
    return found


def print_table(results: dict[str, Any], found: dict[str, Any]) -> None:
    """As the documentation has it."""
    at = results["compared_at"]
    print(f"\n{results['seeds']} seeds; balanced accuracy")
    print("| strategy | " + " | ".join(str(size) for size in results["sizes"]) + " |")
    print("| --- |" + " --- |" * len(results["sizes"]))
    for name, row in found.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row["mean"]) + " |")
    heads = " | ".join(f"labels for what random has at {size}" for size in at)
    print(f"\n| strategy | over all rounds | at the end | AUC of malignancy | {heads} |")
    print("| --- | --- | --- | --- |" + " --- |" * len(at))
    for name, row in found.items():
        if name == "random":
            continue
        gaps = (row["over_all_rounds"], row["at_the_end"], row["auc_over_all_rounds"])
        cells = [f"{mean:+.3f} ({low:+.3f} to {high:+.3f})" for mean, low, high in gaps]
        cells += [
            "{needed} ({low} to {high})".format(
                **{key: "more" if value is None else round(value) for key, value in each.items()}
            )
            for each in row["labels"].values()
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\n| strategy | accuracy on lesions held out | on what was picked | on the audit |")
    print("| --- | --- | --- | --- |")
    for name in found:
        cells = []
        for measure in ("accuracy_before", "accuracy_on_picks", "accuracy_on_audit"):
            values = [
                row[measure]
                for rows in results["runs"][name].values()
                for row in rows
                if row.get(measure) is not None
            ]
            cells.append(f"{np.mean(values):.3f}" if values else "–")
        print(f"| {name} | " + " | ".join(cells) + " |")


def draw_curves(results: dict[str, Any]) -> str:
    """The curves, and how far each is from random choice with its interval, as SVG."""
    sizes = np.array(results["sizes"])
    curves = curves_of(results, "balanced_accuracy")
    stream = StringIO()
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        for (name, curve), colour, mark in zip(curves.items(), COLOURS, MARKS, strict=False):
            look: dict[str, Any] = {"color": colour, "marker": mark, "markersize": 4}
            line = "--" if name == "random" else "-"
            left.plot(sizes, curve.mean(axis=0), label=name, linestyle=line, **look)
        others = [name for name in curves if name != "random"]
        for place, name in enumerate(others, start=1):
            mean, low, high = results["summary"][name]["over_all_rounds"]
            look = {"color": COLOURS[place], "marker": MARKS[place], "markersize": 5}
            right.errorbar(mean, place, xerr=[[mean - low], [high - mean]], capsize=3, **look)
        left.set(xlabel="labelled lesions", ylabel="balanced accuracy on lesions held out")
        left.set_title(f"Mean of {results['seeds']} seeds", loc="left")
        left.legend(loc="lower right", fontsize=8)
        right.axvline(0, color=COLOURS[0], linestyle="--", linewidth=1.6)
        right.set_yticks(range(1, len(others) + 1), [name.replace(", ", ",\n") for name in others])
        right.invert_yaxis()
        right.set_xlabel("difference of balanced accuracy")
        right.set_title("To random choice, over all rounds", loc="left")
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", stream.getvalue(), flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in text[text.index("<svg") :].splitlines()) + "\n"
