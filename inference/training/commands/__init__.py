"""One file a command: ``add_options`` says what it takes, ``run`` does it.

torch and its friends are imported inside ``run``, so ``--help`` and a refusal answer at once.
"""

import sys

COMMANDS = {
    "train": "train a recipe, or go on with an unfinished run",
    "compare": "compare finished runs on their validation part, for choosing settings",
    "split-gap": "measure what a split by image, instead of by lesion, would feign",
    "ensemble": "join finished runs: fit how much each counts",
    "package": "make a package of a finished run",
    "reference": "write into a package what its model learned from, to watch it in service",
    "verify": "check a package as an installation does",
    "predict": "answer every image of a folder",
    "evaluate": "measure a package on labelled images",
}


def say(line: str) -> None:
    """Write one line for the person at the terminal."""
    sys.stdout.write(line + "\n")
