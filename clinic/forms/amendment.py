"""A new version of a signed answer: why, and what it says of each lesion."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from clinic.forms.reads import OpinionForm
from clinic.models import Lesion, Management, Read, Reading
from clinic.selectors import Taxonomy
from clinic.services.reading.drafts import LONGEST_COMMENT

REQUIRED = {
    "diagnosis": "Choose a diagnosis.",
    "management": "Choose what should happen to this lesion.",
}


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


class AmendedReadForm(OpinionForm):
    """What the new answer says of one lesion, beginning with what the old one says."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        lesion: Lesion,
        taxonomy: Taxonomy,
        read: Read | None,
    ) -> None:
        super().__init__(data, lesion=lesion, taxonomy=taxonomy, read=read)
        for name, sentence in REQUIRED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence
        self.fields["monitor_months"].label = "See it again in months, for “Monitor”"
        self.fields["comment"].widget.attrs["rows"] = 3

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
