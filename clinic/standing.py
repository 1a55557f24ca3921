"""Where a case stands, in the words of whoever submitted it."""

from dataclasses import dataclass

from clinic.models import WAITING_STATES, CaseState


@dataclass(frozen=True)
class Standing:
    """A word for a row, the kind of icon beside it, and a sentence for the case's own page."""

    label: str
    kind: str
    sentence: str = ""


ANSWER_HERE = "The signed answer will stand here."
STANDINGS = {
    CaseState.DRAFT: Standing("Draft", "draft"),
    CaseState.SUBMITTED: Standing(
        "Waiting for a read", "waiting", f"A dermatologist reads this case next. {ANSWER_HERE}"
    ),
    CaseState.FIRST_READ: Standing(
        "Being read", "working", f"A dermatologist is reading this case. {ANSWER_HERE}"
    ),
    CaseState.SECOND_READ: Standing(
        "Second opinion under way",
        "working",
        "One dermatologist has signed a read. A second one reads the case without knowing it; "
        "the answer follows.",
    ),
    CaseState.CONCORDANT: Standing("Two readers agree", "working"),
    CaseState.DISCORDANT: Standing(
        "Third opinion awaited",
        "waiting",
        "The two readers disagree. A third dermatologist decides, and the answer follows.",
    ),
    CaseState.ADJUDICATION: Standing(
        "Third opinion under way",
        "working",
        "The two readers disagree, and a third dermatologist is deciding now.",
    ),
    CaseState.FINAL: Standing("Signed", "done"),
    CaseState.AMENDED: Standing("Amended", "amended"),
    CaseState.CANCELLED: Standing("Cancelled", "cancelled"),
}
# To somebody who may become its next reader an open case says no more than that it is open:
# whether a colleague has signed is a part of the colleague's opinion.
SEALED = Standing("Waiting for a read", "waiting")


def standing_of(state: str, *, sealed: bool = False) -> Standing:
    """`sealed`: for a dermatologist from whom colleagues' reads are withheld."""
    if sealed and state in (*WAITING_STATES, CaseState.CONCORDANT):
        return SEALED
    return STANDINGS[CaseState(state)]
