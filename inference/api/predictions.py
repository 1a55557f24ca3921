"""`/predictions/`: the models' answers to images."""

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import ProbabilityFilter, RecordFilterSet
from accounts.api.views import ReadableViewSet
from inference.models import ModelVersion, Prediction, PredictionState
from inference.selectors import visible_predictions
from inference.services import retry_prediction


class ModelNameSerializer(serializers.ModelSerializer):
    """Which model answered."""

    class Meta:
        model = ModelVersion
        fields = ["id", "name", "version"]
        read_only_fields = fields


class PredictionSerializer(serializers.ModelSerializer):
    """One model's answer to one image: decision support, not a diagnosis."""

    image = serializers.UUIDField(source="image_id", read_only=True)
    case = serializers.UUIDField(source="image.case_id", read_only=True)
    lesion = serializers.UUIDField(source="image.lesion_id", read_only=True)
    model = ModelNameSerializer(source="model_version", read_only=True)
    probabilities = serializers.DictField(
        child=serializers.FloatField(min_value=0, max_value=1),
        read_only=True,
        allow_null=True,
        help_text="Calibrated, by class code; they sum to 1.",
    )

    plausible = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        allow_null=True,
        help_text=(
            "Codes of the classes that cannot be ruled out, the one called first. The model's "
            "plausible_coverage says in which share of images the true class is among them. "
            "Empty where the model makes no such promise, null where it was not recorded."
        ),
    )

    class Meta:
        model = Prediction
        fields = [
            "id",
            "image",
            "case",
            "lesion",
            "model",
            "state",
            "probabilities",
            "top_class",
            "malignancy",
            "uncertainty",
            "called",
            "plausible",
            "strangeness",
            "reason",
            "attempts",
            "queued_at",
            "started_at",
            "finished_at",
            "duration_ms",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "top_class": {"help_text": "Code of the most probable class."},
            "called": {
                "help_text": "Code of the class that the model's decision calls, which weighs rare "
                "classes more than probability alone does. Empty where it was not recorded."
            },
            "strangeness": {
                "help_text": "Above 1 the image is unlike every image the model learned from, and "
                "its answer means little. Null where it was not recorded or not measured."
            },
            "malignancy": {"help_text": "Sum over the classes that count as malignant."},
            "uncertainty": {"help_text": "Normalised entropy, 0 to 1."},
        }


class PredictionFilterSet(RecordFilterSet):
    """By state, image, case, lesion, patient, model or malignancy."""

    state = ChoiceFilter(choices=PredictionState.choices)
    image = UUIDFilter(field_name="image_id")
    case = UUIDFilter(field_name="image__case_id")
    lesion = UUIDFilter(field_name="image__lesion_id")
    patient = UUIDFilter(field_name="image__case__patient_id")
    model = UUIDFilter(field_name="model_version_id")
    malignancy_from = ProbabilityFilter(
        field_name="malignancy", lookup_expr="gte", help_text="Malignancy of at least this."
    )


@extend_schema_view(
    list=extend_schema(summary="List predictions"),
    retrieve=extend_schema(summary="One prediction"),
)
class PredictionViewSet(ReadableViewSet):
    """Answers. Queued when an image is added; poll a case's until none is queued or running."""

    serializer_class = PredictionSerializer
    filterset_class = PredictionFilterSet

    def get_queryset(self) -> QuerySet[Prediction]:
        """Answers to images of the sender's organisations, except those of shadow models."""
        return visible_predictions(self.request.user).select_related("image", "model_version")

    @extend_schema(summary="Ask again", request=None, responses=PredictionSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, **key: Any) -> Response:
        """Queue a failed prediction once more. One that has not failed stays as it is."""
        return self.shown(retry_prediction(prediction=self.get_object(), actor=self.actor))
