"""The 7-point checklist and the ABCD rule as a form that counts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from clinic.criteria import ABCD, Criteria, SevenPoint
from clinic.criteria.abcd import COLOURS, HIGHEST_ASYMMETRY, HIGHEST_BORDER, STRUCTURES, TENTHS
from clinic.criteria.seven_point import LABELS, WEIGHTS

NONE_SEEN = "none"
ONE_OF_BOTH = "Untick “None of these”, or the features that you saw."
NOT_SAID = ("", "Not said")
HINTS = {
    "asymmetry": "in colour, structure or shape",
    "border": "eighths that end abruptly",
    "colours": "each that is there",
    "structures": "each that is there",
}
AXES = ["No axis", "One axis", "Both axes"]


class CriteriaForm(forms.Form):
    """What a reader counted on one lesion. Nothing is required: criteria are used or left out.

    `prefix` is "lesion-<key>-criteria", `initial` what `Read.criteria` holds. Scores are not among
    the fields: the page shows them while somebody ticks, the server computes them on its own.
    """

    # Unticked boxes send nothing, so this says that the boxes were there to be ticked.
    shown = forms.CharField(required=False, initial="1", widget=forms.HiddenInput)
    seven_point = forms.MultipleChoiceField(
        label="7-point checklist",
        required=False,
        choices=[*LABELS.items(), (NONE_SEEN, "None of these")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose features from the 7-point checklist."},
    )
    asymmetry = forms.TypedChoiceField(
        label="Asymmetry",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            NOT_SAID,
            *[(str(number), AXES[number]) for number in range(HIGHEST_ASYMMETRY + 1)],
        ],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Asymmetry is in no axis, one or both."},
    )
    border = forms.TypedChoiceField(
        label="Border",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[NOT_SAID, *[(str(number), str(number)) for number in range(HIGHEST_BORDER + 1)]],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": f"Count 0 to {HIGHEST_BORDER} eighths of the border."},
    )
    colours = forms.MultipleChoiceField(
        required=False,
        choices=list(COLOURS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose colours from the list."},
    )
    structures = forms.MultipleChoiceField(
        required=False,
        choices=list(STRUCTURES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose structures from the list."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        prefix: str,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.stored = Criteria.from_json(initial or {})
        shown = data is not None and f"{prefix}-shown" in data
        super().__init__(data if shown else None, prefix=prefix, initial=_as_fields(self.stored))

    def clean_seven_point(self) -> list[str]:
        """Nothing seen and something seen cannot both be."""
        ticked: list[str] = self.cleaned_data["seven_point"]
        if NONE_SEEN in ticked and len(ticked) > 1:
            raise forms.ValidationError(ONE_OF_BOTH)
        return ticked

    def has_changed(self) -> bool:
        """Whether what was sent differs from what is stored; what was not sent differs nowhere."""
        return self.is_bound and super().has_changed()

    def criteria(self) -> dict[str, Any]:
        """For `Read.criteria`. A field that cannot be kept stays as it is stored."""
        return self._filled().to_json()

    def _filled(self) -> Criteria:
        if not self.is_bound:
            return self.stored
        self.is_valid()
        kept = {**_as_values(self.stored), **self.cleaned_data}
        ticked = kept["seven_point"]
        return Criteria(
            seven_point=SevenPoint.of(set(ticked) - {NONE_SEEN}) if ticked else None,
            abcd=ABCD(
                asymmetry=kept["asymmetry"],
                border=kept["border"],
                colours=tuple(kept["colours"]),
                structures=tuple(kept["structures"]),
            ),
        )

    @property
    def sheet(self) -> Criteria:
        """What is filled in, for the scores that stand in the page before any script runs."""
        return self._filled()

    @property
    def abcd_parts(self) -> list[tuple[forms.BoundField, str]]:
        """The four parts of the rule, each with what is counted."""
        return [(self[name], hint) for name, hint in HINTS.items()]

    @property
    def weights(self) -> dict[str, int]:
        """Of the checklist's features: a script adds what the server adds."""
        return WEIGHTS

    @property
    def tenths(self) -> dict[str, int]:
        """Of the rule's parts, in tenths."""
        return TENTHS


def _as_values(stored: Criteria) -> dict[str, Any]:
    """What is stored, as the fields clean it."""
    seven, abcd = stored.seven_point, stored.abcd or ABCD()
    return {
        "seven_point": [] if seven is None else list(seven.present) or [NONE_SEEN],
        "asymmetry": abcd.asymmetry,
        "border": abcd.border,
        "colours": list(abcd.colours),
        "structures": list(abcd.structures),
    }


def _as_fields(stored: Criteria) -> dict[str, Any]:
    """The same as a browser sends it, so that `has_changed` sees no change where there is none."""
    values = _as_values(stored)
    numbers = {
        name: "" if values[name] is None else str(values[name]) for name in ("asymmetry", "border")
    }
    return {"shown": "1", **values, **numbers}
