"""How an organisation reads. Its administrators change it, and everybody there sees who did."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin.scope import ScopedAdmin, administered_organisations, person
from clinic.models import ReadingPolicy
from clinic.selectors.policy_history import policy_history
from clinic.services import change_reading_policy

FIELDS = (
    "blind",
    "second_read_share",
    "second_read_from_malignancy",
    "second_read_on_disagreement",
)


class ReadingPolicyForm(forms.ModelForm):
    """Percentages are refused here with a sentence, and by the database in any case."""

    second_read_share = forms.IntegerField(
        label="Second read of every case, %",
        min_value=0,
        max_value=100,
        help_text="Share of cases that a second dermatologist reads, chosen at random: 0 to 100.",
    )
    second_read_from_malignancy = forms.IntegerField(
        label="Second read from a malignancy of, %",
        min_value=0,
        max_value=100,
        required=False,
        help_text="Cases in which the model's probability of malignancy reaches this; empty: none.",
    )

    class Meta:
        model = ReadingPolicy
        fields = ("organisation", *FIELDS)


@admin.register(ReadingPolicy)
class ReadingPolicyAdmin(ScopedAdmin):
    """One row an organisation. Without one, it reads blind and once."""

    organisation_path: ClassVar[str] = "organisation"
    form = ReadingPolicyForm
    list_display = ("organisation", *FIELDS, "updated_at")
    list_select_related = ("organisation",)
    fields = ("organisation", *FIELDS, "changes")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The organisation is chosen once."""
        return ("organisation", "changes") if obj else ("changes",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where an administered organisation has none yet."""
        return super().has_add_permission(request) and self._without(request).exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kw: Any) -> Any:
        """Only one's own organisations, and only those without a policy."""
        if db_field.name == "organisation":
            kw["queryset"] = self._without(request)
        return super().formfield_for_foreignkey(db_field, request, **kw)

    def save_model(
        self, request: HttpRequest, obj: ReadingPolicy, form: forms.ModelForm, change: Any
    ) -> None:
        """Through the service: switching blind reading off unblinds the readings under way."""
        saved = change_reading_policy(
            organisation=obj.organisation,
            actor=person(request),
            **{name: form.cleaned_data[name] for name in FIELDS},
        )
        obj.pk, obj.created_at, obj._state.adding = saved.pk, saved.created_at, False

    @admin.display(description="changes")
    def changes(self, policy: ReadingPolicy) -> SafeString | str:
        """Who changed what, and when, newest first."""
        if policy._state.adding:
            return "None yet"
        return (
            format_html_join(
                "",
                "<p>{}: {} <small>({})</small></p>",
                (
                    (
                        date_format(timezone.localtime(one.at), "j M Y, H:i"),
                        "; ".join(one.changes),
                        one.who.get_full_name() if one.who else "a program",
                    )
                    for one in policy_history(policy)
                ),
            )
            or "None: these are the defaults"
        )

    def _without(self, request: HttpRequest) -> Any:
        own = administered_organisations(person(request))
        return own.filter(reading_policy__isnull=True)
