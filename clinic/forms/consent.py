"""What a patient allows beside the own care."""

from typing import Any

from django import forms
from django.utils import timezone

from clinic.models import Patient, ResearchConsent

ANSWERS = [
    (ResearchConsent.SHARING, "Yes: train models, and pass images on to researchers"),
    (ResearchConsent.TRAINING, "Yes, but only to train this clinic's models"),
    (ResearchConsent.REFUSED, "No"),
]
WITHDRAWAL = (ResearchConsent.WITHDRAWN, "Withdrawn: no longer, from now on")
AGREED = (ResearchConsent.SHARING, ResearchConsent.TRAINING)


class ResearchConsentForm(forms.Form):
    """The patient's answer and its day. Only who has agreed can withdraw."""

    research_consent = forms.ChoiceField(
        label="May de-identified images be used for research?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the patient answered."},
    )
    research_consent_on = forms.DateField(
        label="Day of the answer",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": "Say on which day.",
            "invalid": "Give the date as day, month and year.",
        },
    )

    def __init__(self, data: Any = None, *, patient: Patient) -> None:
        today = timezone.localdate()
        asked = patient.research_consent != ResearchConsent.NOT_ASKED
        initial: dict[str, Any] = {"research_consent_on": today}
        if asked:
            initial["research_consent"] = patient.research_consent
        super().__init__(data, initial=initial)
        choices = list(ANSWERS)
        if patient.research_consent in {*AGREED, ResearchConsent.WITHDRAWN}:
            choices.append(WITHDRAWAL)
        self.fields["research_consent"].choices = choices  # type: ignore[attr-defined]
        self.fields["research_consent_on"].widget.attrs["max"] = today.isoformat()
