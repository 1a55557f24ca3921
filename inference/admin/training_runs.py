"""Training runs: how they went, where they are trained, cancelling one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.scope import FoundOr404, administers, person
from inference.models import RunState, TrainingRun
from inference.selectors.training import visible_training_runs
from inference.services.operators import is_operator
from inference.services.training import cancel_training

SIGNS = {
    RunState.QUEUED: "◌ Waiting",
    RunState.RUNNING: "◔ Training",
    RunState.SUCCEEDED: "✓ Finished",
    RunState.FAILED: "✗ Failed",
    RunState.CANCELLED: "– Cancelled",
    RunState.LOST: "? Machine lost",
}


@admin.register(TrainingRun)
class TrainingRunAdmin(FoundOr404):
    """Nobody edits a run; its page in the clinic shows it live."""

    list_display = (
        "__str__", "sign", "stage", "seed", "machine", "requested_by", "created_at", "candidate",
    )  # fmt: skip
    list_filter = ("state", "recipe")
    search_fields = ("recipe", "reason", "dataset_version__digest")
    ordering = ("-created_at", "-id")
    actions = ("cancel",)
    fields = (
        "on_its_page", "sign", "reason", "dataset_version", "recipe", "start_from", "settings",
        "seed", "candidate", "code_revision", "requested_by", "created_at", "started_at",
        "finished_at", "machine", "lease_expires_at", "cancel_requested_at", "command", "log",
    )  # fmt: skip

    class Media:
        css = {"all": ["css/admin_models.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return administers(person(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators; `get_queryset` has chosen the row."""
        return administers(person(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A run is started on the page of its data set's version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: a candidate's lineage refers to it."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Runs on versions that the person may see."""
        return visible_training_runs(person(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """For model operators."""
        return super().get_actions(request) if is_operator(person(request)) else {}

    @admin.display(description="state", ordering="state")
    def sign(self, run: TrainingRun) -> str:
        """A sign and a word."""
        return SIGNS[RunState(run.state)]

    @admin.display(description="machine")
    def machine(self, run: TrainingRun) -> str:
        """Which one trains it now."""
        return run.claimed_by.rpartition(":")[0] or "–"

    @admin.display(description="in the clinic")
    def on_its_page(self, run: TrainingRun) -> SafeString:
        """Where its curves are."""
        return format_html('<a href="{}">Open it</a>', reverse("training-run", args=[run.pk]))

    @admin.action(description="Cancel the chosen runs", permissions=["view"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[TrainingRun]) -> None:
        """Those that have ended stay as they are."""
        open_runs = [run for run in chosen if not run.is_finished]
        for run in open_runs:
            cancel_training(run=run, actor=person(request))
        self.message_user(request, f"{len(open_runs)} cancelled.", messages.SUCCESS)
