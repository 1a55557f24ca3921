"""Fields with the record's own words."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from clinic.models import Diagnosis, Priority
from clinic.selectors import selectable_diagnoses

PRIORITIES = [(priority.name.lower(), priority.label) for priority in Priority]


class PriorityField(serializers.ChoiceField):
    """`routine`, `urgent` or `emergency`; a number in the record, so that it can be ordered."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=PRIORITIES, **options)

    def to_internal_value(self, data: Any) -> Any:
        """The record's number."""
        return Priority[super().to_internal_value(data).upper()].value

    def to_representation(self, value: Any) -> str:
        """The word."""
        return Priority(value).name.lower()


class DiagnosisCodeField(serializers.SlugField):
    """A diagnosis that a reader can choose, by its code in the taxonomy in use."""

    default_error_messages = {"unknown": "There is no such diagnosis; see /api/v1/diagnoses/."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)

    def run_validation(self, data: Any = empty) -> Diagnosis | None:
        """The diagnosis."""
        code = super().run_validation(data)
        if code is None:
            return None
        diagnosis = selectable_diagnoses().filter(code=code).first()
        if diagnosis is None:
            self.fail("unknown")
        return diagnosis


class DiagnosisSummarySerializer(serializers.ModelSerializer):
    """A diagnosis as other resources name it."""

    class Meta:
        model = Diagnosis
        fields = ["code", "name", "malignancy", "taxonomy_version"]
        read_only_fields = fields
