"""The question of a case, and why one is cancelled."""

from typing import Any

from django import forms

from clinic.models import Case, Priority


class CaseDraftForm(forms.Form):
    """Question and priority; both can wait, because the draft saves itself."""

    clinical_question = forms.CharField(
        label="Clinical question",
        required=False,
        max_length=4000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "What do you want to know? Since when, any change?"}
        ),
    )
    priority = forms.TypedChoiceField(
        choices=Priority.choices,
        coerce=int,
        initial=Priority.ROUTINE,
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, case: Case, data: Any = None) -> "CaseDraftForm":
        """The form as the case stands."""
        return cls(
            data,
            initial={"clinical_question": case.clinical_question, "priority": case.priority},
        )


class CancelCaseForm(forms.Form):
    """Why a case is withdrawn; it stays with the case."""

    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays with the case, for everybody who may see it.",
    )


class CaseFilterForm(forms.Form):
    """The filters of the case list; they live in the address."""

    q = forms.CharField(
        label="Patient or case number",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    # A group of states; what the group is called depends on who looks.
    state = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    by = forms.ChoiceField(
        label="Submitted by",
        required=False,
        choices=[("", "Everybody"), ("me", "Me")],
    )
