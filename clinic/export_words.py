"""The words for exports: how far one is, and what may be done with it."""

from dataclasses import dataclass

from clinic.datasets.description import ConsentScope
from clinic.datasets.formats import FORMATS
from clinic.models import DatasetExport, DatasetVersion, ExportDelivery, ExportState
from clinic.selectors.dataset_exports import UNFINISHED
from clinic.services.dataset_exports import is_over

DELIVERIES = {
    ExportDelivery.ZIP: "Made while you download it. For a person with a disk.",
    ExportDelivery.FILES: "Each file by itself, in storage. For a program, or very large versions.",
}
KINDS = {
    ExportState.QUEUED: "waiting",
    ExportState.RUNNING: "working",
    ExportState.SUCCEEDED: "done",
    ExportState.FAILED: "failed",
}
PASSED_ON = (
    "Every patient in this version agreed that the data are passed on to researchers. Use them for "
    "research only, and never try to find out who somebody is."
)
KEPT = (
    "The patients in this version agreed that models of your organisations learn from the data, "
    "and not to more: do not pass an export on to anybody outside."
)


@dataclass(frozen=True)
class ShownExport:
    """One row of the list."""

    export: DatasetExport
    state: str
    kind: str
    is_unfinished: bool
    percent: int

    @property
    def name(self) -> str:
        """Format and way of handing over."""
        form = FORMATS.get(self.export.format)
        name = form.name if form else self.export.format
        return f"{name}, {self.export.get_delivery_display().lower()}"

    @property
    def progress(self) -> str:
        """A number that people can compare with the one before."""
        if not self.export.total:
            return "Waiting for a worker"
        return f"{self.percent} %: {self.export.done:,} of {self.export.total:,}"


def shown_export(export: DatasetExport) -> ShownExport:
    """What the list says of it. One whose time is over says so before its files are removed."""
    state = ExportState.EXPIRED if is_over(export) else ExportState(export.state)
    return ShownExport(
        export=export,
        state=state.value,
        kind=KINDS.get(state, ""),
        is_unfinished=state in UNFINISHED,
        percent=100 * export.done // export.total if export.total else 0,
    )


def consent_sentence(version: DatasetVersion) -> str:
    """What the patients agreed to when the version was frozen."""
    asked = version.header.get("description", {}).get("consent")
    return PASSED_ON if asked == ConsentScope.SHARING else KEPT


def heard(shown: list[ShownExport]) -> str:
    """One sentence for who does not see the bars."""
    if count := sum(each.is_unfinished for each in shown):
        return f"{count} export{'s' if count > 1 else ''} being written."
    newest = shown[0] if shown else None
    if newest is None:
        return "No exports yet."
    return f"{newest.name}: {ExportState(newest.state).label.lower()}."
