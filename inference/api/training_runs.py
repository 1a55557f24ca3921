"""`/training-runs/`: from a frozen version to a candidate, for administrators and operators."""

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import RequestSerializer, VisibleKeyField
from accounts.api.views import ReadableViewSet
from clinic.selectors.datasets import visible_dataset_versions
from inference.models import RunState, TrainingRun
from inference.selectors import visible_model_versions
from inference.selectors.training import visible_training_runs
from inference.services.training import cancel_training, request_training, try_training_again
from inference.services.training.requests import LARGEST_SEED


class TrainingRunSummarySerializer(serializers.ModelSerializer):
    """A run in a list."""

    dataset_version = serializers.UUIDField(source="dataset_version_id", read_only=True)
    start_from = serializers.UUIDField(source="start_from_id", read_only=True, allow_null=True)
    candidate = serializers.UUIDField(source="candidate_id", read_only=True, allow_null=True)
    settings = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "dataset_version",
            "recipe",
            "start_from",
            "settings",
            "seed",
            "state",
            "stage",
            "done",
            "total",
            "candidate",
            "reason",
            "created_at",
            "started_at",
            "finished_at",
            "cancel_requested_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "stage": {"help_text": "What it is doing, in words."},
            "reason": {"help_text": "Why it failed or was lost, in words."},
            "done": {"help_text": "Steps of the stage, of `total`; 0 of 0: not counted."},
        }


class TrainingRunSerializer(TrainingRunSummarySerializer):
    """A run with its curve and the end of its log."""

    epochs = serializers.ListField(
        child=serializers.DictField(child=serializers.FloatField(allow_null=True)),
        read_only=True,
        help_text="One an epoch: epoch, loss, and what was measured on the validation part.",
    )

    class Meta(TrainingRunSummarySerializer.Meta):
        fields = [
            *TrainingRunSummarySerializer.Meta.fields,
            "epochs",
            "log",
            "command",
            "code_revision",
        ]
        read_only_fields = fields


class RequestTrainingSerializer(RequestSerializer):
    """What to train, on what, from what."""

    dataset_version = VisibleKeyField(selector=visible_dataset_versions)
    recipe = serializers.CharField(max_length=60)
    start_from = VisibleKeyField(
        selector=visible_model_versions, required=False, allow_null=True, default=None
    )
    settings = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        max_length=50,
        help_text="Changes to the recipe, each as key=value.",
    )
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED)


class TrainingRunFilterSet(RecordFilterSet):
    """By state or version."""

    state = ChoiceFilter(choices=RunState.choices)
    dataset_version = UUIDFilter(field_name="dataset_version_id")


@extend_schema_view(
    list=extend_schema(
        summary="List training runs", responses=TrainingRunSummarySerializer(many=True)
    ),
    retrieve=extend_schema(summary="One training run, with its curve and log"),
)
class TrainingRunViewSet(ReadableViewSet):
    """Training runs. Poll one until its state is neither queued nor running."""

    filterset_class = TrainingRunFilterSet

    def get_serializer_class(self) -> Any:
        """Lists leave out curves and logs."""
        return TrainingRunSummarySerializer if self.action == "list" else TrainingRunSerializer

    def get_queryset(self) -> QuerySet[TrainingRun]:
        """Runs on versions of organisations that the sender administers."""
        return visible_training_runs(self.request.user)

    @extend_schema(
        summary="Start a training run",
        request=RequestTrainingSerializer,
        responses={201: TrainingRunSerializer},
    )
    def create(self, request: Request) -> Response:
        """Queue a run. What comes out is a candidate, which answers nobody yet."""
        values = self.checked(RequestTrainingSerializer)
        version = values.pop("dataset_version")
        return self.created(request_training(version=version, actor=self.actor, **values))

    @extend_schema(summary="Cancel", request=None, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **key: Any) -> Response:
        """One that is trained stops within seconds; one that has ended stays as it is."""
        return self.shown(cancel_training(run=self.get_object(), actor=self.actor))

    @extend_schema(summary="Try again", request=None, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, **key: Any) -> Response:
        """Queue a lost or failed run once more; its machine goes on after the last epoch."""
        return self.shown(try_training_again(run=self.get_object(), actor=self.actor))
