"""The sealed test set of an organisation: set aside once, and every use written down."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.errors import Conflict, InvalidInput
from accounts.keyset import keyset_page
from accounts.selectors import administered_organisations
from clinic.dataset_words import class_names
from clinic.datasets.description import Description
from clinic.forms.datasets import SealForm
from clinic.models import Dataset, SealedTestSet
from clinic.selectors.datasets import (
    label_classes,
    preview_dataset,
    sealed_test_sets,
    visible_datasets,
)
from clinic.selectors.datasets.classes import class_counts
from clinic.services.datasets import seal_test_set
from clinic.views.datasets.contents import Contents
from clinic.views.datasets.gate import for_administrators
from clinic.views.datasets.tables import picture_of
from clinic.views.gate import MemberRequest

USES_OF_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def sealed_test_set(request: MemberRequest, key: UUID) -> HttpResponse:
    """When it was sealed, by whom, its counts and uses; before that, the form that seals it.

    `?dataset=` says from which data set's page somebody comes, and where they go back to. Its rows
    are on no page: to look at them would be a use.
    """
    organisation = get_object_or_404(administered_organisations(request.user), pk=key)
    dataset = _came_from(request)
    test_set = sealed_test_sets(request.user).filter(organisation=organisation).first()
    form = SealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            seal_test_set(organisation=organisation, actor=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
        except Conflict as refusal:
            # A second click finds what the first one sealed.
            if refusal.code != "sealed_already":
                raise
            return redirect(request.get_full_path())
        else:
            messages.success(request, f"The test set of {organisation} is sealed.")
            return redirect(_back(dataset) if dataset else request.get_full_path())
    context: dict[str, Any] = {
        "organisation": organisation,
        "dataset": dataset,
        "back_url": _back(dataset),
    }
    if test_set is not None:
        return _sealed(request, test_set, context)
    preview = preview_dataset(organisations=[organisation], description=Description())
    context |= {"form": form, "preview": preview}
    status = 422 if form.errors else 200
    return render(request, "clinic/datasets/seal.html", context, status=status)


def _sealed(
    request: MemberRequest, test_set: SealedTestSet, context: dict[str, Any]
) -> HttpResponse:
    version = test_set.version
    uses = test_set.uses.select_related("used_by")
    asked = [node.ham10000 for node in label_classes()]
    contents = Contents.of_version(version, class_counts(version))
    context |= {
        "test_set": test_set,
        "version": version,
        "picture": picture_of(contents, class_names(), asked=asked),
        "withdrawn": version.rows.filter(tombstone__isnull=False).count(),
        "page": keyset_page(
            uses, order=["-used_at", "-id"], params=request.GET, size=USES_OF_A_PAGE
        ),
    }
    return render(request, "clinic/datasets/sealed.html", context)


def _came_from(request: MemberRequest) -> Dataset | None:
    try:
        key = UUID(request.GET.get("dataset", ""))
    except ValueError:
        return None
    return visible_datasets(request.user).filter(pk=key).first()


def _back(dataset: Dataset | None) -> str:
    if dataset is not None:
        return reverse("dataset-detail", args=[dataset.pk])
    return reverse("dataset-list")
