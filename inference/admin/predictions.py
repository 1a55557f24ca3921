"""Predictions: how they went, why they failed, asking again."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.scope import ReadOnlyAdmin, person
from inference.models import Prediction, PredictionState
from inference.selectors.predictions import was_ever_shown
from inference.services import requeue_predictions
from inference.services.operators import is_operator

SIGNS = {
    PredictionState.QUEUED: "◌ Waiting",
    PredictionState.RUNNING: "◔ Running",
    PredictionState.SUCCEEDED: "✓ Answered",
    PredictionState.FAILED: "✗ Failed",
}

NOT_RECORDED = "not recorded"


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    """One model's answer to one image."""

    organisation_path: ClassVar[str] = "image__case__organisation"
    list_display = (
        "case", "sign", "model_version", "attempts", "duration", "queued_at", "reason",
        "organisation",
    )  # fmt: skip
    list_filter = ("state", "model_version", ("queued_at", admin.DateFieldListFilter))
    list_select_related = ("model_version", "image__case__organisation")
    search_fields = ("image__case__number", "reason")
    ordering = ("-queued_at", "-id")
    actions = ("requeue",)
    fields = (
        "case", "organisation", "image", "model_version", "sign", "reason", "attempts",
        "precedence", "queued_at", "not_before", "started_at", "finished_at", "duration",
        "claimed_by", "lease_expires_at", "top_class", "malignancy", "uncertainty",
        "called_class", "plausible_classes", "how_strange", "probabilities",
    )  # fmt: skip

    class Media:
        css = {"all": ["css/admin_models.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of one's own organisations; what nobody is shown is for model operators."""
        rows = super().get_queryset(request).defer("saliency")
        if is_operator(person(request)):
            return rows
        return rows.filter(was_ever_shown())

    @admin.display(description="state", ordering="state")
    def sign(self, prediction: Prediction) -> str:
        """A sign and a word."""
        return SIGNS[PredictionState(prediction.state)]

    @admin.display(description="case")
    def case(self, prediction: Prediction) -> str:
        """The case's number."""
        return prediction.image.case.reference

    @admin.display(description="organisation")
    def organisation(self, prediction: Prediction) -> str:
        """Whose it is."""
        return str(prediction.image.case.organisation)

    @admin.display(description="duration", ordering="duration_ms")
    def duration(self, prediction: Prediction) -> str:
        """From the claim to the answer."""
        if prediction.duration_ms is None:
            return "–"
        return f"{prediction.duration_ms} ms"

    @admin.display(description="called")
    def called_class(self, prediction: Prediction) -> str:
        """The package's decision."""
        return prediction.called or NOT_RECORDED

    @admin.display(description="cannot be ruled out")
    def plausible_classes(self, prediction: Prediction) -> str:
        """The prediction set, the class called first."""
        if prediction.plausible is None:
            return NOT_RECORDED
        return ", ".join(prediction.plausible) or "this model promises no coverage"

    @admin.display(description="strangeness")
    def how_strange(self, prediction: Prediction) -> str:
        """With what it means."""
        if prediction.strangeness is None:
            return NOT_RECORDED
        meaning = "unlike" if prediction.strangeness > 1 else "like"
        return f"{prediction.strangeness:.2f} ({meaning} the images the model learned from)"

    @admin.display(description="in the clinic")
    def in_the_clinic(self, prediction: Prediction) -> SafeString:
        """Where the picture is."""
        case = prediction.image.case
        return format_html('<a href="/cases/{}/">Open {}</a>', case.pk, case.reference)

    @admin.action(description="Ask the model again about failed images", permissions=["view"])
    def requeue(self, request: HttpRequest, chosen: QuerySet[Prediction]) -> None:
        """Queue the failed ones again; the others stay as they are."""
        total = chosen.count()
        again = requeue_predictions(predictions=chosen, actor=person(request))
        self.message_user(request, f"{again} queued again.", messages.SUCCESS)
        if again < total:
            self.message_user(
                request,
                f"{total - again} left alone: only failed answers of models in service can be "
                "asked for again.",
                messages.WARNING,
            )
