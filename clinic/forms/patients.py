"""Registering and correcting a patient."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from clinic.models import FitzpatrickType, Patient, Sex

EARLIEST_BIRTH = date(1900, 1, 1)


class PatientForm(forms.ModelForm):
    """Few fields: family name and number are enough; the rest helps the reader."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sex = forms.ChoiceField(choices=Sex.choices, widget=forms.RadioSelect, initial=Sex.UNKNOWN)
    fitzpatrick_type = forms.TypedChoiceField(
        label="Skin type",
        choices=[("", "Not known"), *FitzpatrickType.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Fitzpatrick type, by the skin's reaction to sun.",
    )

    class Meta:
        model = Patient
        fields = [
            "family_name",
            "given_name",
            "medical_record_number",
            "birth_date",
            "approximate_age",
            "sex",
            "fitzpatrick_type",
        ]
        labels = {
            "medical_record_number": "Medical record number",
            "approximate_age": "Age in years",
        }
        help_texts = {"approximate_age": "Only if the birth date is not known."}
        widgets = {
            "family_name": forms.TextInput(
                attrs={"autocomplete": "off", "autocapitalize": "words", "spellcheck": "false"}
            ),
            "given_name": forms.TextInput(
                attrs={"autocomplete": "off", "autocapitalize": "words", "spellcheck": "false"}
            ),
            "medical_record_number": forms.TextInput(
                attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
            ),
            "birth_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "approximate_age": forms.NumberInput(
                attrs={"inputmode": "numeric", "min": 0, "max": 120}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance._state.adding:
            self.fields["key"].initial = uuid4()
        self.fields["birth_date"].widget.attrs |= {
            "min": EARLIEST_BIRTH.isoformat(),
            "max": timezone.localdate().isoformat(),
        }

    def clean_family_name(self) -> str:
        """Names come from keyboards and scanners: inner runs of spaces are not part of them."""
        return " ".join(self.cleaned_data["family_name"].split())

    def clean_given_name(self) -> str:
        """As the family name."""
        return " ".join(self.cleaned_data["given_name"].split())

    def clean_medical_record_number(self) -> str:
        """Without the blanks around it."""
        return self.cleaned_data["medical_record_number"].strip()

    def clean_birth_date(self) -> date | None:
        """Not in the future, not before 1900."""
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise forms.ValidationError("The birth date lies in the future: check the year.")
        if born and born < EARLIEST_BIRTH:
            raise forms.ValidationError("The birth date lies before 1900: check the year.")
        return born

    def clean_approximate_age(self) -> int | None:
        """Up to 120 years."""
        age = self.cleaned_data["approximate_age"]
        if age is not None and age > 120:
            raise forms.ValidationError("Give an age of at most 120 years.")
        return age

    def clean(self) -> dict[str, Any]:
        """A birth date makes an approximate age superfluous."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("birth_date"):
            cleaned["approximate_age"] = None
        return cleaned

    def recorded(self) -> dict[str, Any]:
        """What the services record."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
