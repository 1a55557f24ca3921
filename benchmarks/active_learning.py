"""Does asking for the right labels save labels? A simulation on images that are all labelled.

`python -m benchmarks.active_learning --images DIR --metadata CSV --weights PT --out DIR` needs the
`dev` extra, no database and some 25 minutes of two busy cores, 10 of which go by looking at the
images for the first time. Each seed holds out three lesions in ten, labels 500 of the others at
random, and then asks for 250 more a round by each strategy of `inference.learning`; after each
round a linear layer is trained anew on features of a network that never saw a lesion. Every
strategy has the same split and the same first labels. A label is one lesion, and brings all its
images. Prints the tables of docs/active-learning.md; leaves `results.json` and
`active-learning.svg` in `--out`. What was simulated already is kept, so that a run that was stopped
goes on. Without options there is nothing to measure.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks._learning_curves import draw_curves, print_table, summary
from benchmarks._rounds_of_labels import VARIANTS, Rounds, simulate
from benchmarks._starting_features import read_lesions

COMPARED_AT = (1000, 2000, 3000)


def main() -> None:
    """Simulate what is not there yet, and show everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("images", "metadata", "weights", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--features", type=Path, help="Where the features are kept (out).")
    parser.add_argument("--seeds", type=int, default=10, help="How many of them.")
    parser.add_argument("--first-seed", type=int, default=1, help="To ask the same of new seeds.")
    parser.add_argument(
        "--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), help="Leave out the others."
    )
    parser.add_argument("--end", type=int, default=Rounds.end, help="How many labels at most.")
    if len(sys.argv) == 1:  # as `make bench` runs it
        print("Not measured: name --images, --metadata, --weights and --out.")
        return
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    lesions = read_lesions(
        given.images, given.metadata, given.weights, given.features or given.out / "features.npz"
    )
    rounds = Rounds(end=given.end)
    kept = given.out / "results.json"
    variants = {name: VARIANTS[name] for name in VARIANTS if name in {"random", *given.only}}
    results: dict[str, Any] = {"runs": {name: {} for name in variants}}
    if kept.exists():
        results = json.loads(kept.read_text())
    results |= {"sizes": rounds.sizes, "compared_at": COMPARED_AT, "seeds": given.seeds}
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for name, (strategy, audit_share) in variants.items():
            if str(seed) in results["runs"][name]:
                continue
            results["runs"][name][str(seed)] = simulate(
                lesions, strategy, seed=seed, rounds=rounds, audit_share=audit_share
            )
            kept.write_text(json.dumps(results, indent=1) + "\n")
        ends = {name: runs[str(seed)][-1] for name, runs in results["runs"].items()}
        print(f"seed {seed}: " + ", ".join(
            f"{name} {row['balanced_accuracy']:.3f}" for name, row in ends.items()
        ), flush=True)  # fmt: skip
    results["summary"] = summary(results)
    kept.write_text(json.dumps(results, indent=1) + "\n")
    print_table(results, results["summary"])
    (given.out / "active-learning.svg").write_text(draw_curves(results))


if __name__ == "__main__":
    main()
