"""``compare``: finished runs on their validation part, each in pairs with the first.

Writes a Markdown table: each figure, its difference to the first run's, and the difference's 95 %
interval over resampled lesions. Calibration is fitted on other lesions than it is measured on.
"""

import argparse
from pathlib import Path

from inference.training.commands import say


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", type=Path, help="folders of finished runs")
    parser.add_argument(
        "--test-time-augmentation", choices=("none", "d4"), default="none", help="(%(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    from inference.training.run_comparison import as_markdown, compare, read_run

    way = options.test_time_augmentation
    runs = [read_run(folder, test_time_augmentation=way) for folder in options.runs]
    say(as_markdown(runs, compare(runs)))
