"""How a comparison ends: with a report and a verdict, or with the reason why it has none."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from inference.models import Comparison, ComparisonState, ModelState
from inference.selectors.comparisons import progress_of
from inference.services.comparisons.requests import ask_both

NOTE_LENGTH = 500


def is_ready(*, comparison: Comparison) -> bool:
    """Whether both models have answered every image, or failed for good.

    What was dropped is asked for again; with a model that was retired meanwhile the comparison
    ends. Within a transaction that has locked the comparison.
    """
    progress = progress_of(comparison)
    if progress.total == 0:
        fail_comparison(comparison=comparison, note="Every sealed image was withdrawn.")
        return False
    if progress.missing > 0:
        retired = [
            version
            for version in (comparison.candidate, comparison.champion)
            if version.state == ModelState.RETIRED
        ]
        if retired:
            note = f"{retired[0]} was retired before it had answered every sealed image."
            fail_comparison(comparison=comparison, note=f"{note} Compare again.")
        else:
            ask_both(comparison=comparison)
        return False
    return progress.waiting == 0


def finish_comparison(*, comparison: Comparison, report: Mapping[str, Any]) -> Comparison:
    """Keep the report, and the verdict with its reasons."""
    comparison.report = dict(report)
    comparison.is_not_worse = bool(report["is_not_worse"])
    comparison.note = " ".join([*report["missing"], *report["worse"]])[:NOTE_LENGTH]
    comparison.state, comparison.finished_at = ComparisonState.FINISHED, timezone.now()
    comparison.save(update_fields=["report", "is_not_worse", "note", "state", "finished_at"])
    return comparison


def fail_comparison(*, comparison: Comparison, note: str) -> Comparison:
    """End it without a verdict."""
    comparison.state, comparison.finished_at = ComparisonState.FAILED, timezone.now()
    comparison.note = note[:NOTE_LENGTH]
    comparison.save(update_fields=["state", "finished_at", "note"])
    return comparison
