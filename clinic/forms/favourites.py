"""Nine number keys and what they choose."""

from django import forms
from django.http import QueryDict

from clinic.forms.reads import DiagnosisField
from clinic.models import Diagnosis
from clinic.selectors import Taxonomy
from clinic.selectors.favourites import Favourite
from clinic.services.favourites import KEYS


class FavouritesForm(forms.Form):
    """One choice a key; an empty one leaves the key unused."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        taxonomy: Taxonomy,
        chosen: list[Favourite] | None = None,
    ) -> None:
        stored = {f"key_{one.key}": one.diagnosis.pk for one in chosen or []}
        super().__init__(data, initial=stored)
        for key in KEYS:
            field = DiagnosisField(
                label=f"Key {key}",
                required=False,
                empty_value=None,
                error_messages={"invalid_choice": "Choose a diagnosis from the list."},
            )
            field.use(taxonomy)
            self.fields[f"key_{key}"] = field

    def diagnoses(self) -> dict[int, Diagnosis]:
        """What was chosen, by key."""
        chosen = {key: self.cleaned_data.get(f"key_{key}") for key in KEYS}
        return {key: diagnosis for key, diagnosis in chosen.items() if diagnosis is not None}
