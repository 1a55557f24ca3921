"""Models: install a package, look at its card and figures, put it into service and out of it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.scope import FoundOr404, administers, person
from accounts.errors import DomainError
from inference.admin.acts import ACTS, Act, offered_acts
from inference.admin.shown import ShownFigures
from inference.admin.trials import trials_of
from inference.engine.bundle_files import LARGEST_PACKAGE, MEBIBYTE
from inference.models import ModelVersion
from inference.services import install_package
from inference.services.operators import is_operator


class InstallForm(forms.Form):
    """A package as a zip."""

    package = forms.FileField(
        label="Package",
        help_text=f"A zip of at most {LARGEST_PACKAGE // MEBIBYTE} MB with configs/metadata.json, "
        "models/model.safetensors, "
        "docs/README.md and LICENSE. Its architecture must be one that the worker knows; no code "
        "in a package is ever run.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
    )


@admin.register(ModelVersion)
class ModelVersionAdmin(ShownFigures, FoundOr404):
    """Packages never change: this page only looks at them and moves them between states."""

    list_display = (
        "__str__", "sign", "balanced_accuracy", "macro_auc", "prepared", "installed_by",
        "created_at", "activated_at",
    )  # fmt: skip
    list_filter = ("state", "architecture")
    list_select_related = ("installed_by",)
    search_fields = ("name", "version", "digest")
    ordering = ("-created_at",)
    actions = [f"choose_{name}" for name in ACTS]
    fieldsets = (
        (None, {"fields": ("sign", "preparation", "description", "task", "architecture",
                           "licence", "installed_by", "created_at", "activated_at", "retired_at",
                           "digest")}),
        ("Model card", {"fields": ("card_text",)}),
        ("Figures on validation", {"fields": ("metrics_table", "operating_points_table")}),
        ("Classes", {"fields": ("classes_table",)}),
        ("From image to probability", {"fields": ("preprocessing_table", "calibration_table")}),
        ("Training", {"fields": ("training_table",)}),
    )  # fmt: skip
    change_form_template = "admin/inference/modelversion/detail.html"
    change_list_template = "admin/inference/modelversion/list.html"

    class Media:
        css = {"all": ["css/admin_models.css"]}

    # --- who may -----------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators look; model operators act."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Models belong to the installation and tell nothing of any patient."""
        user = person(request)
        return administers(user) or (user.is_active and user.is_staff and is_operator(user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Model operators install."""
        return self.has_view_permission(request) and is_operator(person(request))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody edits a package."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: predictions refer to it."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        """All of them."""
        return ModelVersion.objects.select_related("installed_by")

    # --- pages -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """A confirmation page for each act."""
        act = path(
            "<uuid:key>/act/<slug:name>/",
            self.admin_site.admin_view(self.act_view),
            name="inference_modelversion_act",
        )
        return [act, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Actions are for operators."""
        return super().changelist_view(request, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Each act, leading to its confirmation page."""
        if not self.has_add_permission(request):
            return {}
        return {
            f"choose_{name}": (_chooser(name), f"choose_{name}", f"{act.verb} the chosen model")
            for name, act in ACTS.items()
        }

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The detail, with the acts that make sense now."""
        version = self.get_object(request, object_id)
        context: dict[str, Any] = {"acts": []}
        if isinstance(version, ModelVersion) and self.has_add_permission(request):
            context = {
                "acts": [
                    {"label": act.verb, "url": _act_url(version, act)}
                    for act in offered_acts(version)
                ],
                **trials_of(version),
            }
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A reason that stood in for a comparison comes first, on every page of the model."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.override_reason:
            return fieldsets
        return (("Activated without a passed comparison", {"fields": ("override",)}), *fieldsets)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Install a package; what is wrong with it stands on the form."""
        if not self.has_add_permission(request):
            raise Http404
        form = InstallForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                version = install_package(file=form.cleaned_data["package"], actor=person(request))
            except DomainError as refusal:
                form.add_error("package", str(refusal))
            else:
                self.log_addition(request, version, [{"added": {}}])
                self.message_user(
                    request,
                    f"{version} is installed. A worker prepares it now; then it can be activated.",
                    messages.SUCCESS,
                )
                return HttpResponseRedirect(_detail_url(version))
        context = {
            **self.admin_site.each_context(request),
            "title": "Install a package",
            "form": form,
            "opts": self.opts,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/inference/modelversion/install.html", context, status=status
        )

    def act_view(self, request: HttpRequest, key: Any, name: str) -> HttpResponse:
        """Ask, then act: the button says what will happen."""
        act = ACTS.get(name)
        version = self.get_queryset(request).filter(pk=key).first()
        if act is None or version is None or not self.has_add_permission(request):
            raise Http404
        given = {field: request.POST.get(field, "") for field in act.fields}
        wrong = ""
        if request.method == "POST":
            try:
                done = act.service(version=version, actor=person(request), **given)
            except DomainError as refusal:
                if refusal.field not in given:
                    self.message_user(request, str(refusal), messages.ERROR)
                    return HttpResponseRedirect(_detail_url(version))
                wrong = str(refusal)
            else:
                changed = done if isinstance(done, ModelVersion) else version
                self.log_change(request, changed, act.verb)
                self.message_user(request, act.done(done), messages.SUCCESS)
                return HttpResponseRedirect(act.page(done) if act.page else _detail_url(changed))
        context = {
            "given": given,
            "wrong": wrong,
            **self.admin_site.each_context(request),
            "title": f"{act.verb} {version}",
            "act": act.plan(version),
            "version": version,
            "back_url": _detail_url(version),
            "opts": self.opts,
        }
        return TemplateResponse(
            request,
            "admin/inference/modelversion/confirm.html",
            context,
            status=422 if wrong else 200,
        )


def _chooser(name: str) -> Any:  # the admin's action signature
    def choose(
        model_admin: ModelVersionAdmin, request: HttpRequest, chosen: QuerySet[ModelVersion]
    ) -> HttpResponse | None:
        versions = list(chosen[:2])
        if len(versions) != 1:
            model_admin.message_user(request, "Choose one model.", messages.ERROR)
            return None
        return HttpResponseRedirect(_act_url(versions[0], ACTS[name]))

    return choose


def _act_url(version: ModelVersion, act: Act) -> str:
    return reverse("admin:inference_modelversion_act", args=[version.pk, act.name])


def _detail_url(version: ModelVersion) -> str:
    return reverse("admin:inference_modelversion_change", args=[version.pk])
