"""What a lesion turned out to be, and how that is known."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from clinic.forms.reads import DiagnosisField
from clinic.models import ConfirmationMethod
from clinic.selectors import Taxonomy
from clinic.services.pathology import LONGEST_REPORT


class PathologyForm(forms.Form):
    """A result. The report is kept as it was typed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    diagnosis = DiagnosisField(
        empty_value=None,
        error_messages={
            "required": "Choose what the lesion turned out to be.",
            "invalid_choice": "Choose a diagnosis from the list.",
        },
    )
    method = forms.ChoiceField(
        label="Confirmed by",
        choices=ConfirmationMethod.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how the diagnosis was confirmed."},
    )
    reported_on = forms.DateField(
        label="Date of the report",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give the date as day, month and year."},
    )
    report = forms.CharField(
        required=False,
        max_length=LONGEST_REPORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="As the laboratory wrote it.",
    )

    def __init__(self, data: Any = None, *, taxonomy: Taxonomy) -> None:
        today = timezone.localdate()
        initial = {"key": uuid4(), "method": ConfirmationMethod.HISTOPATHOLOGY}
        super().__init__(data, initial=initial)
        diagnosis = self.fields["diagnosis"]
        assert isinstance(diagnosis, DiagnosisField)  # noqa: S101 - tells the type checker
        diagnosis.use(taxonomy)
        self.fields["reported_on"].widget.attrs["max"] = today.isoformat()

    def clean_reported_on(self) -> date | None:
        """Not to come."""
        day: date | None = self.cleaned_data["reported_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("This day has not come yet.")
        return day
