"""What a data set is to hold, and what is set aside for testing."""

from collections.abc import Iterable, Mapping
from typing import Any, Self
from uuid import UUID, uuid4

from django import forms
from django.db.models import QuerySet

from accounts.models import Organisation
from clinic.dataset_words import CONSENTS, SOURCE_HINTS, SOURCES
from clinic.datasets.description import (
    LARGEST_SEED,
    Description,
    DescriptionError,
)
from clinic.models import Dataset, Diagnosis, ImageKind
from clinic.services.datasets.seal import LARGEST_SHARE, SMALLEST_SHARE

WHOLE_SEED = f"The seed is a whole number from 0 to {LARGEST_SEED}."
TRAIN_SHARE = "The share for training is above 0 and at most 100 %."
SEALED_SHARE = (
    f"The share is from {100 * SMALLEST_SHARE:g} to {100 * LARGEST_SHARE:g} % of the patients."
)
LONGEST_PURPOSE = 2000
DAY = {"invalid": "Give the day as day, month and year."}


class PerCentField(forms.FloatField):
    """A share (0 to 1) that people write as per cent."""

    def __init__(self, *, wrong: str, **options: Any) -> None:
        self.wrong = wrong
        super().__init__(
            error_messages={"invalid": wrong, "required": wrong},
            widget=forms.NumberInput(
                attrs={"min": 0, "max": 100, "step": "any", "inputmode": "decimal"}
            ),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """70 for a stored share of 0.7; what was typed stays as it was typed."""
        return f"{round(100 * value, 4):g}" if isinstance(value, float) else value

    def clean(self, value: Any) -> float | None:
        """The share."""
        number: float | None = super().clean(value)
        if number is None:
            return None
        if not 0 <= number <= 100:
            raise forms.ValidationError(self.wrong)
        return round(number / 100, 6)


class OrganisationsField(forms.ModelMultipleChoiceField):
    """Organisations of those that may be chosen; anything else is no choice."""

    def clean(self, value: Any) -> Any:
        """A key that is none is refused like one of somebody else's."""
        try:
            return super().clean(value)
        except forms.ValidationError as refusal:
            if refusal.code == "required":
                raise
            raise forms.ValidationError(self.error_messages["invalid_choice"]) from refusal


class DatasetForm(forms.Form):
    """Name, purpose and description. `description()` is what the fields ask for."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(max_length=80, error_messages={"required": "Give the data set a name."})
    purpose = forms.CharField(
        max_length=LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Who will use it, to answer what. It goes out with every export.",
        error_messages={"required": "Say what the data set is for."},
    )
    organisations = OrganisationsField(
        queryset=Organisation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one organisation.",
            "invalid_choice": "Choose organisations that you administer.",
        },
    )
    signed_from = forms.DateField(
        label="Signed from",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=DAY,
    )
    signed_to = forms.DateField(
        label="Signed to",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=DAY,
    )
    classes = forms.MultipleChoiceField(
        label="Diagnoses",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all. A diagnosis counts as the class above it in the taxonomy.",
        error_messages={"invalid_choice": "Choose diagnoses from the list."},
    )
    image_kinds = forms.MultipleChoiceField(
        label="Kinds of image",
        required=False,
        choices=ImageKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all.",
        error_messages={"invalid_choice": "Choose kinds of image from the list."},
    )
    label_sources = forms.MultipleChoiceField(
        label="Labels from",
        choices=list(SOURCES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Where there is more than one, the upper one counts: pathology over "
        "adjudication over two readers who agree over one reader.",
        error_messages={
            "required": "Choose at least one source of labels.",
            "invalid_choice": "Choose sources of labels from the list.",
        },
    )
    minimum_agreement = PerCentField(
        label="Readers who agree, at least (%)",
        wrong="The agreement is a share of the readers from 0 to 100 %.",
        help_text="Of those who read the case. Pathology needs none.",
    )
    consent = forms.ChoiceField(
        label="Patients allow",
        choices=list(CONSENTS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the patients must have allowed.",
            "invalid_choice": "Choose a consent from the list.",
        },
    )
    train_share = PerCentField(label="Training (%)", wrong=TRAIN_SHARE)
    validation_share = PerCentField(
        label="Validation (%)",
        wrong="The share for validation is from 0 to 100 %.",
        help_text="What is neither training nor validation is test.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        help_text="The same seed divides the same patients in the same way.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WHOLE_SEED),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        organisations: QuerySet[Organisation],
        classes: Iterable[Diagnosis],
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        field = self.fields["organisations"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        field.queryset = organisations
        chosen = self.fields["classes"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        self.nodes = list(classes)
        chosen.choices = [(node.ham10000, node.name) for node in self.nodes]

    @classmethod
    def blank(cls, data: Any = None, *, organisation: UUID | None, **choices: Any) -> Self:
        """For a new data set; what most people want is filled in."""
        initial = {"key": uuid4(), **_as_fields(Description())}
        if organisation is not None:
            initial["organisations"] = [organisation]
        return cls(data, initial=initial, **choices)

    @classmethod
    def of(cls, dataset: Dataset, data: Any = None, **choices: Any) -> Self:
        """As the data set asks now."""
        initial = {
            "name": dataset.name,
            "purpose": dataset.purpose,
            "organisations": [organisation.pk for organisation in dataset.organisations.all()],
            **_as_fields(Description.from_json(dataset.description)),
        }
        return cls(data, initial=initial, **choices)

    def clean_train_share(self) -> float:
        """There must be something to learn from."""
        share: float = self.cleaned_data["train_share"]
        if not share:
            raise forms.ValidationError(TRAIN_SHARE)
        return share

    def clean(self) -> dict[str, Any]:
        """What the fields say together must be a description."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self._is_incomplete():
            try:
                self.description()
            except DescriptionError as refusal:
                self.add_error(refusal.field, refusal.reason)
        return cleaned

    def without_words(self) -> Self:
        """The same, for a look at what it would hold: name and purpose can come later."""
        for name in ("key", "name", "purpose"):
            self.fields[name].required = False
        return self

    def description(self) -> Description:
        """What the fields ask for. Raises DescriptionError for what cannot be meant."""
        given = self.cleaned_data
        return Description(
            signed_from=given["signed_from"],
            signed_to=given["signed_to"],
            classes=tuple(given["classes"]),
            image_kinds=tuple(given["image_kinds"]),
            label_sources=tuple(given["label_sources"]),
            minimum_agreement=given["minimum_agreement"],
            consent=given["consent"],
            train_share=given["train_share"],
            validation_share=given["validation_share"],
            seed=given["seed"],
        )

    @property
    def sources(self) -> list[tuple[forms.boundfield.BoundWidget, str]]:
        """The boxes of the sources in their precedence, each with what it means."""
        return list(zip(self["label_sources"], SOURCE_HINTS.values(), strict=True))

    def _is_incomplete(self) -> bool:
        of_description = set(_as_fields(Description()))
        return bool(of_description & set(self.errors))


class SealForm(forms.Form):
    """What is set aside: once, and for good."""

    share = PerCentField(
        label="Patients to set aside (%)",
        wrong=SEALED_SHARE,
        initial=0.2,
        help_text="20 % is one patient in five.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text="Patients are drawn with it.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WHOLE_SEED),
    )

    def clean_share(self) -> float:
        """Enough to measure on, and enough left to learn from."""
        share: float = self.cleaned_data["share"]
        if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
            raise forms.ValidationError(SEALED_SHARE)
        return share


def _as_fields(description: Description) -> dict[str, Any]:
    """The fields' initial values."""
    return {
        "signed_from": description.signed_from,
        "signed_to": description.signed_to,
        "classes": list(description.classes),
        "image_kinds": list(description.image_kinds),
        "label_sources": [str(source) for source in description.label_sources],
        "minimum_agreement": float(description.minimum_agreement),
        "consent": str(description.consent),
        "train_share": float(description.train_share),
        "validation_share": float(description.validation_share),
        "seed": description.seed,
    }
