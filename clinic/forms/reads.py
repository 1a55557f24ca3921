"""A reader's opinion on one lesion, and the filters of the worklist."""

from typing import Any

from django import forms
from django.http import QueryDict

from clinic.forms.criteria import CriteriaForm
from clinic.models import (
    BodySite,
    Confidence,
    Diagnosis,
    Lesion,
    Management,
    Priority,
    Read,
)
from clinic.selectors import Taxonomy, WorklistOrder
from clinic.services.reading.drafts import LONGEST_COMMENT

INDENT = "\u2003"


class DiagnosisSelect(forms.Select):
    """The tree as a list; each option carries what a type-ahead searches and shows."""

    taxonomy: Taxonomy

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the path, the codes and the meaning to an option."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        entry = self.taxonomy.by_key.get(int(value)) if value else None
        if entry is not None:
            diagnosis = entry.diagnosis
            codes = (diagnosis.ham10000, diagnosis.isic2019, diagnosis.icd10, diagnosis.code)
            option["attrs"] |= {
                "data-name": diagnosis.name,
                "data-path": " › ".join(entry.path),
                "data-codes": " ".join(code for code in codes if code),
                "data-class": diagnosis.ham10000,
                "data-meaning": diagnosis.malignancy,
                "data-depth": entry.depth,
            }
        return option


class DiagnosisField(forms.TypedChoiceField):
    """A choice from the taxonomy; its value is the Diagnosis, without asking the database."""

    widget = DiagnosisSelect

    def use(self, taxonomy: Taxonomy) -> None:
        """Offer what is in this tree."""
        self.choices = [("", "Choose a diagnosis")] + [
            (branch.heading, [(e.diagnosis.pk, _indented(e.diagnosis, e.depth))
                              for e in branch.entries])
            for branch in taxonomy.branches
        ]  # fmt: skip
        self.widget.taxonomy = taxonomy
        self.coerce = taxonomy.choice


def _indented(diagnosis: Diagnosis, depth: int) -> str:
    return INDENT * max(depth - 1, 0) + diagnosis.name


class OpinionForm(forms.Form):
    """What is said of one lesion. Nothing is required here: a draft may be half done."""

    diagnosis = DiagnosisField(
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a diagnosis from the list."},
    )
    management = forms.ChoiceField(
        label="Recommendation",
        required=False,
        choices=Management.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose a recommendation from the list."},
    )
    monitor_months = forms.IntegerField(
        label="Months until it is seen again",
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
        error_messages={"invalid_choice": "Say how sure you are from the list."},
    )
    comment = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": f"Keep the comment under {LONGEST_COMMENT} characters."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        lesion: Lesion,
        taxonomy: Taxonomy,
        read: Read | None = None,
        version: int = 0,
    ) -> None:
        super().__init__(data, prefix=prefix_for(lesion), initial=stored_fields(read, version))
        self.lesion, self.read = lesion, read
        field = self.fields["diagnosis"]
        assert isinstance(field, DiagnosisField)  # noqa: S101 - tells the type checker
        field.use(taxonomy)


class ReadForm(OpinionForm):
    """A reader's draft.

    `version` is that of the draft which the page shows (0: none yet). The criteria are a form of
    their own within the same fields.
    """

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        lesion: Lesion,
        taxonomy: Taxonomy,
        read: Read | None = None,
        version: int = 0,
    ) -> None:
        super().__init__(data, lesion=lesion, taxonomy=taxonomy, read=read, version=version)
        self.criteria = CriteriaForm(
            data,
            prefix=f"{prefix_for(lesion)}-criteria",
            initial=read.criteria if read is not None else {},
        )

    def opinion(self) -> dict[str, Any]:
        """The fields that can be kept: a wrong one does not take the others with it."""
        self.is_valid()
        kept = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return kept | {"criteria": self.criteria.criteria()}

    def changes(self) -> dict[str, Any]:
        """Of what can be kept, what differs from what is stored; months go with monitoring."""
        changed = set(self.changed_data)
        if self.criteria.has_changed():
            changed.add("criteria")
        if "management" in changed:
            changed.add("monitor_months")
        return {name: value for name, value in self.opinion().items() if name in changed}

    def based_on(self) -> int | None:
        """The version of the draft that the page showed, where it says so."""
        self.is_valid()
        version: int | None = self.cleaned_data.get("version")
        return version

    def refusals(self) -> dict[str, str]:
        """What cannot be kept, by the id of its field."""
        return {
            str(form[name].auto_id): " ".join(map(str, sentences))
            for form in (self, self.criteria)
            for name, sentences in form.errors.items()
        }


class ReconsideredForm(ReadForm):
    """The same after the model's answer was seen; a change of mind has a reason."""

    reason = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": f"Keep the reason under {LONGEST_COMMENT} characters."},
    )


def stored_fields(read: Read | None, version: int) -> dict[str, Any]:
    """What a form starts with."""
    if read is None:
        return {"version": version}
    return {
        "version": version,
        "diagnosis": read.diagnosis_id,
        "management": read.management,
        "monitor_months": read.monitor_months,
        "confidence": read.confidence,
        "comment": read.comment,
        "reason": read.reason,
    }


def as_fields(form: ReadForm) -> dict[str, list[str]]:
    """The fields by name, as a browser would send what an unbound form shows."""
    fields = {
        bound.html_name: values
        for part in (form, form.criteria)
        for bound in part
        if (values := _values(bound))
    }
    fields.pop(form.add_prefix("version"), None)
    return fields


def _values(bound: forms.BoundField) -> list[str]:
    value = bound.value()
    values = value if isinstance(value, list) else [value]
    return sorted(str(one).replace("\r\n", "\n") for one in values if one not in {None, ""})


def prefix_for(lesion: Lesion) -> str:
    """What the names of a lesion's fields begin with."""
    return f"lesion-{lesion.pk}"


class WorklistFilter(forms.Form):
    """The filters of the worklist; they live in the address, and a wrong one is ignored."""

    text = forms.CharField(
        label="Search",
        required=False,
        max_length=80,
        widget=forms.SearchInput(attrs={"placeholder": "Name or number"}),
    )
    body_site = forms.ChoiceField(
        label="Site", required=False, choices=[("", "Any site"), *BodySite.choices]
    )
    waiting_days = forms.TypedChoiceField(
        label="Waiting",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "Any time"),
            ("1", "More than 1 day"),
            ("3", "More than 3 days"),
            ("7", "More than 7 days"),
            ("14", "More than 14 days"),
        ],
    )
    priority = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=Priority.choices,
        widget=forms.HiddenInput,
    )
    # Filters nothing, and stays in the address when filters are applied.
    order = forms.ChoiceField(
        required=False,
        choices=[(order.value, order.value) for order in WorklistOrder],
        widget=forms.HiddenInput,
    )

    def chosen(self) -> dict[str, Any]:
        """What is filtered by, without what was left open or cannot be understood."""
        self.is_valid()
        filters = {name: self.cleaned_data.get(name) for name in self.fields if name != "order"}
        return {name: value for name, value in filters.items() if value not in {None, ""}}
