"""Saying what a data set is to hold, with a look at what the record offers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidInput
from accounts.selectors import administered_organisations
from clinic.dataset_words import class_names
from clinic.forms.datasets import DatasetForm
from clinic.models import Dataset
from clinic.selectors.datasets import label_classes, preview_dataset, visible_datasets
from clinic.services.datasets import describe_dataset, redescribe_dataset
from clinic.views.datasets.contents import Contents
from clinic.views.datasets.gate import for_administrators
from clinic.views.datasets.tables import Picture, picture_of
from clinic.views.gate import MemberRequest

PREVIEW = "preview"
SAVED = "The description is saved. Versions that are frozen already stay as they are."


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def dataset_create(request: MemberRequest) -> HttpResponse:
    """Describe a new data set."""
    form = _form(request, request.POST or None)
    if PREVIEW in request.POST:
        return _look(request, form)
    if request.method == "POST" and form.is_valid():
        dataset = _saved(request, form, None)
        if dataset is not None:
            return redirect("dataset-detail", dataset.pk)
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def dataset_edit(request: MemberRequest, key: UUID) -> HttpResponse:
    """Change what the next version will hold."""
    dataset = get_object_or_404(visible_datasets(request.user), pk=key)
    form = _form(request, request.POST or None, dataset)
    if PREVIEW in request.POST:
        return _look(request, form, dataset)
    if request.method == "POST" and form.is_valid() and _saved(request, form, dataset):
        messages.success(request, SAVED)
        return redirect("dataset-detail", key)
    return _page(request, form, dataset)


@require_POST
@for_administrators
def dataset_preview(request: MemberRequest) -> HttpResponse:
    """What the fields as they stand would take from the record; nothing is written.

    A post, so that what somebody types stands in no address and no log.
    """
    form = _form(request, request.POST).without_words()
    context = {
        "form": form,
        "picture": _picture(form) if form.is_valid() else None,
        "part": True,
    }
    return render(request, "clinic/datasets/_preview.html", context)


def _form(
    request: MemberRequest, data: QueryDict | None, dataset: Dataset | None = None
) -> DatasetForm:
    organisations = administered_organisations(request.user).order_by("name", "id")
    choices: dict[str, Any] = {"organisations": organisations, "classes": label_classes()}
    if dataset is not None:
        return DatasetForm.of(dataset, data, **choices)
    here = request.organisation.pk
    is_here = organisations.filter(pk=here).exists()
    return DatasetForm.blank(data, organisation=here if is_here else None, **choices)


def _saved(request: MemberRequest, form: DatasetForm, dataset: Dataset | None) -> Dataset | None:
    """The data set, or None with the refusal at its field."""
    given = form.cleaned_data
    values = {
        "name": given["name"],
        "purpose": given["purpose"],
        "organisations": list(given["organisations"]),
        "description": form.description(),
        "actor": request.user,
    }
    try:
        if dataset is not None:
            return redescribe_dataset(dataset=dataset, **values)
        return describe_dataset(key=given["key"], **values)
    except InvalidInput as refusal:
        form.add_error(refusal.field, str(refusal))
        return None


def _look(
    request: MemberRequest, form: DatasetForm, dataset: Dataset | None = None
) -> HttpResponse:
    """Without a script: the same page with the preview in it; nothing is saved."""
    form.without_words()
    return _page(request, form, dataset, picture=_picture(form) if form.is_valid() else None)


def _page(
    request: MemberRequest,
    form: DatasetForm,
    dataset: Dataset | None = None,
    *,
    picture: Picture | None = None,
) -> HttpResponse:
    context = {"form": form, "dataset": dataset, "picture": picture}
    status = 422 if form.errors else 200
    return render(request, "clinic/datasets/form.html", context, status=status)


def _picture(form: DatasetForm) -> Picture:
    description = form.description()
    preview = preview_dataset(
        organisations=list(form.cleaned_data["organisations"]), description=description
    )
    asked = description.classes or [node.ham10000 for node in form.nodes]
    return picture_of(Contents.of_preview(preview), class_names(), asked=asked)
