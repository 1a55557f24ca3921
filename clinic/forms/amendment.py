"""A new version of a signed answer: why, and what it says of each lesion."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from clinic.forms.reads import DiagnosisField
from clinic.models import Confidence, Lesion, Management, Read, Reading
from clinic.selectors import Taxonomy
from clinic.services.reading.drafts import LONGEST_COMMENT


class AmendmentForm(forms.Form):
    """Why. `key` makes a form posted twice amend once; `based_on` is the answer that was seen."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    based_on = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why is the answer amended?",
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands with the new answer for everybody who may see the case.",
        error_messages={
            "required": "Say why the answer is amended.",
            "max_length": f"Keep the reason under {LONGEST_COMMENT} characters.",
        },
    )

    def __init__(self, data: QueryDict | None = None, *, answer: Reading) -> None:
        super().__init__(data, initial={"key": uuid4(), "based_on": answer.pk})


class AmendedReadForm(forms.Form):
    """What the new answer says of one lesion, beginning with what the old one says."""

    diagnosis = DiagnosisField(
        empty_value=None,
        error_messages={
            "required": "Choose a diagnosis.",
            "invalid_choice": "Choose a diagnosis from the list.",
        },
    )
    management = forms.ChoiceField(
        label="Recommendation",
        choices=Management.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what should happen to this lesion."},
    )
    monitor_months = forms.IntegerField(
        label="See it again in months, for “Monitor”",
        required=False,
        min_value=1,
        max_value=36,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": "Give the months as a whole number.",
            "min_value": "Monitoring is due in 1 to 36 months.",
            "max_value": "Monitoring is due in 1 to 36 months.",
        },
    )
    confidence = forms.TypedChoiceField(
        label="How sure are you?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=Confidence.choices,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"Keep the comment under {LONGEST_COMMENT} characters."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        lesion: Lesion,
        taxonomy: Taxonomy,
        read: Read | None,
    ) -> None:
        stored = {} if read is None else {
            "diagnosis": read.diagnosis_id,
            "management": read.management,
            "monitor_months": read.monitor_months,
            "confidence": read.confidence,
            "comment": read.comment,
        }  # fmt: skip
        super().__init__(data, prefix=f"lesion-{lesion.pk}", initial=stored)
        self.lesion, self.read = lesion, read
        field = self.fields["diagnosis"]
        assert isinstance(field, DiagnosisField)  # noqa: S101 - tells the type checker
        field.use(taxonomy)

    def clean(self) -> dict[str, Any]:
        """Monitoring says when; nothing else has a number of months."""
        cleaned = self.cleaned_data
        if cleaned.get("management") != Management.MONITOR:
            cleaned["monitor_months"] = None
        elif cleaned.get("monitor_months") is None and "monitor_months" not in self.errors:
            self.add_error("monitor_months", "Say in how many months it should be seen again.")
        return cleaned

    def opinion(self) -> dict[str, Any]:
        """For `amend_answer`. What was counted on the images stays as it was counted."""
        return self.cleaned_data | {"criteria": self.read.criteria if self.read else {}}
