"""The answer of a case: who gave it, how it came about, and what it said before."""

from dataclasses import dataclass

from accounts.models import User
from clinic.models import CLOSED_STATES, Case, Read, Reading, ReadingRole
from clinic.selectors.reads import signed_readings


@dataclass(frozen=True)
class Answer:
    """What was signed. `earlier` are the answers before an amendment, the newest first; `others`
    are signed readings that never were the answer: the second reader's, or those that disagreed.
    """

    reading: Reading
    earlier: list[Reading]
    others: list[Reading]
    signed: list[Reading]

    @property
    def reads(self) -> list[Read]:
        """What it says of each lesion, by number."""
        return standing(self.reading)

    @property
    def is_amended(self) -> bool:
        """Whether there was an answer before this one."""
        return bool(self.earlier)

    @property
    def version(self) -> int:
        """1 for the first answer of a case, one more for each amendment."""
        return len(self.earlier) + 1

    @property
    def way(self) -> str:
        """How the first answer came about, in a sentence."""
        readers = {reading.role: reading.reader.get_full_name() for reading in self.signed}
        first, second = readers.get(ReadingRole.FIRST), readers.get(ReadingRole.SECOND)
        if judge := readers.get(ReadingRole.ADJUDICATION):
            return f"Adjudicated by {judge}: {first} and {second} disagreed."
        if second:
            return f"Two readers agreed: {first} and {second}."
        return ""


def case_answer(user: User, case: Case) -> Answer | None:
    """The signed answer of a closed case, in four queries; None where there is none to see."""
    if case.state not in CLOSED_STATES or case.answer_id is None:
        return None
    signed = list(signed_readings(user, case))
    answer = next((reading for reading in signed if reading.pk == case.answer_id), None)
    if answer is None:
        return None
    amendments = [r for r in signed if r.role == ReadingRole.AMENDMENT]
    original = next((r for r in signed if r.role == ReadingRole.ADJUDICATION), None) or next(
        (r for r in signed if r.role == ReadingRole.FIRST), None
    )
    answers = ([original] if original else []) + amendments
    earlier = [reading for reading in reversed(answers) if reading.pk != answer.pk]
    return Answer(
        reading=answer,
        earlier=earlier,
        others=[reading for reading in signed if reading not in answers],
        signed=signed,
    )


def standing(reading: Reading) -> list[Read]:
    """The reads that count within a reading loaded with its reads, by lesion."""
    return sorted(
        (read for read in reading.reads.all() if read.stands),
        key=lambda read: read.lesion.number,
    )
