"""A lesion's place on the body map, and its history."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from clinic.bodymap import PLACES, grouped_places, place_of
from clinic.models import Lesion

AS_RECORDED = "recorded"


class LesionForm(forms.Form):
    """One choice of a place says site, side and drawing; a click adds the exact point."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    place = forms.ChoiceField(
        label="Body site",
        choices=[("", "Click the body, or choose"), *grouped_places()],
        error_messages={"required": "Click the body map or choose a body site."},
    )
    map_x = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1)
    map_y = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1)
    history = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Since when, changes, symptoms.",
    )
    first_seen_on = forms.DateField(
        label="First noticed",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, lesion: Lesion | None = None, **kwargs: Any) -> None:
        self.lesion = lesion
        if lesion is not None:
            kwargs["initial"] = self._values_of(lesion)
        super().__init__(*args, **kwargs)
        if lesion is not None and place_of(lesion) is None:
            # An imported record may know a site and a side that no choice of the list has.
            recorded = (AS_RECORDED, f"As recorded: {lesion.site_label}")
            self.fields["place"].choices = [recorded, *grouped_places()]  # type: ignore[attr-defined]

    @classmethod
    def fresh(cls) -> "LesionForm":
        """An empty form with a key of its own, so that a double post marks one lesion."""
        return cls(initial={"key": uuid4()})

    @staticmethod
    def _values_of(lesion: Lesion) -> dict[str, Any]:
        place = place_of(lesion)
        return {
            "key": lesion.pk,
            "place": place.key if place else AS_RECORDED,
            "map_x": lesion.map_x,
            "map_y": lesion.map_y,
            "history": lesion.history,
            "first_seen_on": lesion.first_seen_on,
        }

    def clean_first_seen_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["first_seen_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("This date lies in the future: check the year.")
        return day

    def recorded(self) -> dict[str, Any]:
        """What the services record. Without a click, the mark stands in the middle of the place."""
        cleaned = self.cleaned_data
        described = {
            "history": cleaned["history"].strip(),
            "first_seen_on": cleaned["first_seen_on"],
        }
        if cleaned["place"] == AS_RECORDED:
            return described
        place = PLACES[cleaned["place"]]
        x, y = cleaned["map_x"], cleaned["map_y"]
        if place.centre is None:
            x = y = None
        elif x is None or y is None:
            x, y = place.centre
        return {
            "body_site": place.body_site,
            "side": place.side_at(x),
            "view": place.view,
            "map_x": x,
            "map_y": y,
        } | described
