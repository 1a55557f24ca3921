"""What a data set is to hold, as JSON."""

from rest_framework import serializers

from accounts.api.serializers import RequestSerializer
from clinic.datasets.description import LARGEST_SEED, ConsentScope, LabelSource
from clinic.models import ImageKind
from clinic.selectors.datasets import label_classes

SOURCES = [(source.value, source.value) for source in LabelSource]
CONSENTS = [(scope.value, scope.value) for scope in ConsentScope]


class DescriptionSerializer(RequestSerializer):
    """Which images belong in a data set, and how they are divided."""

    signed_from = serializers.DateField(
        required=False, allow_null=True, help_text="First day on which a case was signed."
    )
    signed_to = serializers.DateField(
        required=False, allow_null=True, help_text="Last day, included."
    )
    classes = serializers.ListField(
        child=serializers.SlugField(max_length=60),
        required=False,
        max_length=50,
        help_text="Codes of HAM10000; empty: all.",
    )
    image_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=ImageKind.choices),
        required=False,
        max_length=10,
        help_text="Empty: all. A new data set has dermoscopic images.",
    )
    label_sources = serializers.ListField(
        child=serializers.ChoiceField(choices=SOURCES),
        required=False,
        allow_empty=False,
        max_length=10,
        help_text="The strongest counts: pathology, adjudication, concordant, single.",
    )
    minimum_agreement = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        help_text="Of the readers.",
    )
    consent = serializers.ChoiceField(choices=CONSENTS, required=False)
    train_share = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Of patients, above 0."
    )
    validation_share = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="What is left is test."
    )
    seed = serializers.IntegerField(min_value=0, max_value=LARGEST_SEED, required=False)

    def validate_classes(self, value: list[str]) -> list[str]:
        """Classes that models learn."""
        known = {node.ham10000 for node in label_classes()}
        if unknown := sorted(set(value) - known):
            msg = f"There is no class “{unknown[0]}”; there are {', '.join(sorted(known))}."
            raise serializers.ValidationError(msg)
        return value
