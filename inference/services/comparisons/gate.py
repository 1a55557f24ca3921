"""What stands before a candidate: a comparison that it passed, or a reason that stays on it."""

from accounts.errors import Conflict, InvalidInput
from inference.models import Comparison, ComparisonState, ModelState, ModelVersion
from inference.selectors.comparisons import latest_comparison
from inference.selectors.models import last_in_service

SHORTEST_REASON = 20


def gate_sentence(candidate: ModelVersion) -> str:
    """Why the candidate cannot be put into service yet; empty where it can.

    It is measured by the model in service, or by the last one that was: taking that one out of
    service first is no way around. A model that was in service before has proved itself there, and
    may come back at once.
    """
    champion = last_in_service(candidate.task)
    if champion is None or candidate.activated_at is not None:
        return ""
    comparison = latest_comparison(candidate, champion)
    if comparison is not None and comparison.is_not_worse:
        return ""
    if comparison is not None:
        return f"{candidate} was not shown to be no worse than {champion}. {comparison.note}"
    if Comparison.objects.filter(
        candidate=candidate, champion=champion, state=ComparisonState.ANSWERING
    ).exists():
        return f"{candidate} is still being compared with {champion}, the model in service."
    if champion.state != ModelState.ACTIVE:
        return f"{candidate} was not compared with {champion}, which was in service last."
    return f"{candidate} was not compared with {champion}, the model in service."


def pass_gate(*, candidate: ModelVersion, override_reason: str) -> str:
    """The reason to keep on the model, empty where none was needed.

    Raises Conflict where the gate is closed and no reason is given, InvalidInput for one that is
    too short to be one.
    """
    closed = gate_sentence(candidate)
    if not closed:
        return ""
    reason = override_reason.strip()
    if not reason:
        msg = (
            f"{closed} Compare them first, or write a reason of at least {SHORTEST_REASON} "
            "characters for activating it all the same."
        )
        raise Conflict(msg, code="not_shown_to_be_no_worse")
    if len(reason) < SHORTEST_REASON:
        msg = (
            f"The reason stays on the model's card: write at least {SHORTEST_REASON} characters, "
            "so that others can follow it."
        )
        raise InvalidInput(msg, field="override_reason", code="reason_too_short")
    return reason
