"""What an opinion lacks before it can be committed or signed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from accounts.errors import InvalidInput
from clinic.models import Case, Lesion, Management, Read


class IncompleteRead(InvalidInput):
    """A read lacks something; `lesion` says which, `field` what."""

    def __init__(self, sentence: str, *, lesion: Lesion, code: str, field: str) -> None:
        super().__init__(sentence, code=code, field=field)
        self.lesion = lesion


def lesions_to_read(case: Case) -> list[Lesion]:
    """Lesions with an image in this case, by number."""
    return list(Lesion.objects.filter(images__case=case).distinct().order_by("number"))


def find_missing(lesions: Sequence[Lesion], reads: Mapping[UUID, Read]) -> IncompleteRead | None:
    """What the first incomplete read lacks, in the order of the lesions, or None."""
    for lesion in lesions:
        read = reads.get(lesion.pk)
        if read is None or read.diagnosis_id is None:
            return IncompleteRead(
                f"Choose a diagnosis for lesion {lesion.number}.",
                lesion=lesion, code="diagnosis_missing", field="diagnosis",
            )  # fmt: skip
        if not read.management:
            return IncompleteRead(
                f"Choose what should happen to lesion {lesion.number}.",
                lesion=lesion, code="management_missing", field="management",
            )  # fmt: skip
        if read.management == Management.MONITOR and not read.monitor_months:
            return IncompleteRead(
                f"Say in how many months lesion {lesion.number} should be seen again.",
                lesion=lesion, code="months_missing", field="monitor_months",
            )  # fmt: skip
    return None


def find_missing_reason(
    lesions: Sequence[Lesion], changed: Mapping[UUID, Read]
) -> IncompleteRead | None:
    """The first change of mind without a reason, or None."""
    for lesion in lesions:
        read = changed.get(lesion.pk)
        if read is not None and not read.reason.strip():
            return IncompleteRead(
                f"Say why you changed your opinion on lesion {lesion.number}.",
                lesion=lesion, code="reason_missing", field="reason",
            )  # fmt: skip
    return None
