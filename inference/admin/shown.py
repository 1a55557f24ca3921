"""What the administration shows of a model: its state, its card, its figures."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inference.admin.markdown import render_markdown
from inference.admin.tables import as_grid, as_table
from inference.models import ModelState, ModelVersion

SIGNS = {
    ModelState.ACTIVE: "● Active",
    ModelState.SHADOW: "◐ Shadow",
    ModelState.CANDIDATE: "○ Candidate",
    ModelState.RETIRED: "– Retired",
}


class ShownFigures:
    """Columns and read-only fields."""

    @admin.display(description="state", ordering="state")
    def sign(self, version: ModelVersion) -> str:
        """A sign and a word."""
        return SIGNS[ModelState(version.state)]

    @admin.display(description="balanced accuracy")
    def balanced_accuracy(self, version: ModelVersion) -> str:
        """On the validation split, as the card says."""
        return _figure(version.metrics.get("balanced_accuracy"))

    @admin.display(description="macro AUC")
    def macro_auc(self, version: ModelVersion) -> str:
        """On the validation split, as the card says."""
        return _figure(version.metrics.get("macro_auc"))

    @admin.display(description="prepared", boolean=True)
    def prepared(self, version: ModelVersion) -> bool | None:
        """Yes, failed, or not yet."""
        if version.prepared_at is not None:
            return True
        return False if version.preparation_error else None

    @admin.display(description="preparation")
    def preparation(self, version: ModelVersion) -> str:
        """Whether it can go into service."""
        if version.prepared_at is not None and version.agreement is not None:
            return (
                f"Prepared. ONNX Runtime and torch differ by at most {version.agreement:.1e} in a "
                "class probability (1e-4 is allowed)."
            )
        if version.prepared_at is not None:
            return "Prepared."
        return version.preparation_error or "A worker is preparing it."

    @admin.display(description="card")
    def card_text(self, version: ModelVersion) -> SafeString:
        """As its author wrote it, under what an operator had to add."""
        added: str | SafeString = ""
        if version.override_reason:
            added = format_html(
                '<p class="model-override"><strong>{}</strong> {}</p>',
                "Put into service without a passed comparison.",
                version.override_reason,
            )
        card = render_markdown(version.card)
        return format_html('<div class="model-card">{}{}</div>', added, card)

    @admin.display(description="metrics")
    def metrics_table(self, version: ModelVersion) -> SafeString:
        """What the package states."""
        return as_table(version.metrics)

    @admin.display(description="operating points")
    def operating_points_table(self, version: ModelVersion) -> SafeString:
        """Thresholds on the probability of malignancy."""
        return as_grid(version.operating_points)

    @admin.display(description="classes")
    def classes_table(self, version: ModelVersion) -> SafeString:
        """In the order of the network's outputs."""
        return as_grid(version.classes)

    @admin.display(description="preprocessing")
    def preprocessing_table(self, version: ModelVersion) -> SafeString:
        """What happens to an image."""
        return as_table(version.preprocessing)

    @admin.display(description="calibration")
    def calibration_table(self, version: ModelVersion) -> SafeString:
        """What happens to a logit."""
        return as_table(version.calibration)

    @admin.display(description="training")
    def training_table(self, version: ModelVersion) -> SafeString:
        """Where the weights come from."""
        return as_table(version.training)

    @admin.display(description="reason")
    def override(self, version: ModelVersion) -> str:
        """As the operator wrote it."""
        return version.override_reason


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "–"
