"""What to train on a frozen version."""

from typing import Any
from uuid import uuid4

from django import forms

from accounts.models import User
from inference.models import ModelVersion
from inference.selectors.training import known_recipes, possible_parents
from inference.services.training.requests import LARGEST_SEED

WHOLE_SEED = f"The seed is a whole number from 0 to {LARGEST_SEED}."


class _Parents(forms.ModelChoiceField):
    def label_from_instance(self, version: ModelVersion) -> str:  # type: ignore[override]
        """Name, version and where it stands."""
        return f"{version}, {version.get_state_display().lower()} ({version.architecture})"


class TrainingForm(forms.Form):
    """Recipe, start, seed and changes. The service decides whether they fit together."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    recipe = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Choose a recipe."}
    )
    start_from = _Parents(
        queryset=ModelVersion.objects.none(),
        required=False,
        label="Start from the weights of",
        empty_label="No model",
        help_text=(
            "A model of the recipe's architecture; its licence goes on to the candidate. Without "
            "one, training begins with the training machine's own weights, or at random."
        ),
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text="Of the training. Which images are kept apart was settled by the version.",
        error_messages={
            "required": WHOLE_SEED,
            "invalid": WHOLE_SEED,
            "min_value": WHOLE_SEED,
            "max_value": WHOLE_SEED,
        },
    )
    settings = forms.CharField(
        required=False,
        label="Changes to the recipe",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One key=value a line, such as stages=6@128,6@192 or dropout=0.3.",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, initial={"key": uuid4()})
        recipe, parents = self.fields["recipe"], self.fields["start_from"]
        assert isinstance(recipe, forms.ChoiceField)  # noqa: S101  # tells the type checker
        assert isinstance(parents, forms.ModelChoiceField)  # noqa: S101  # likewise
        recipe.choices = [(each.name, f"{each.name}: {each.purpose}") for each in known_recipes()]
        parents.queryset = possible_parents(user)

    def asked(self) -> dict[str, Any]:
        """The arguments of `request_training`."""
        values = dict(self.cleaned_data)
        values["settings"] = values["settings"].splitlines()
        return values
