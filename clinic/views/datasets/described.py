"""A data set: what it asks for, its versions, and the next one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organisation
from clinic.dataset_words import class_names, described
from clinic.datasets.description import Description
from clinic.models import Dataset, SealedTestSet
from clinic.selectors.datasets import (
    label_classes,
    preview_dataset,
    sealed_test_sets,
    visible_dataset_versions,
    visible_datasets,
)
from clinic.services.datasets import freeze_dataset
from clinic.views.datasets.contents import Contents
from clinic.views.datasets.gate import for_administrators
from clinic.views.datasets.tables import picture_of
from clinic.views.gate import MemberRequest


@require_safe
@for_administrators
def dataset_detail(request: MemberRequest, key: UUID) -> HttpResponse:
    """The description in words, the versions, the sealed test sets that come before the first."""
    dataset = _dataset(request, key)
    organisations = list(dataset.organisations.all())
    sealed = _sealed(request, organisations)
    versions = visible_dataset_versions(request.user).filter(dataset=dataset)
    context = {
        "dataset": dataset,
        "facts": described(
            Description.from_json(dataset.description), organisations, class_names()
        ),
        "versions": list(versions.select_related("frozen_by").order_by("-number")),
        "sealed": sealed,
        "may_freeze": all(test_set is not None for _, test_set in sealed),
        "not_sealed": next((each for each, test_set in sealed if test_set is None), None),
    }
    return render(request, "clinic/datasets/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def dataset_freeze(request: MemberRequest, key: UUID) -> HttpResponse:
    """Say what freezing means and what would be frozen; freeze it when that is confirmed."""
    dataset = _dataset(request, key)
    if request.method == "POST":
        frozen = freeze_dataset(dataset=dataset, actor=request.user)
        version = frozen.version
        if frozen.is_new:
            messages.success(request, f"Version {version.number} is frozen.")
        else:
            messages.info(
                request,
                f"Nothing in the record has changed since version {version.number}, so there is "
                "no new one: this is it.",
            )
        return redirect("dataset-version", version.pk)
    description = Description.from_json(dataset.description)
    organisations = list(dataset.organisations.all())
    preview = preview_dataset(organisations=organisations, description=description)
    asked = description.classes or [node.ham10000 for node in label_classes()]
    context = {
        "dataset": dataset,
        "picture": picture_of(Contents.of_preview(preview), class_names(), asked=asked),
        "not_sealed": [each for each, test_set in _sealed(request, organisations) if not test_set],
        "cancel_url": reverse("dataset-detail", args=[key]),
    }
    return render(request, "clinic/datasets/freeze.html", context)


def _dataset(request: MemberRequest, key: UUID) -> Dataset:
    datasets = visible_datasets(request.user).select_related("created_by")
    return get_object_or_404(datasets.prefetch_related("organisations"), pk=key)


def _sealed(
    request: MemberRequest, organisations: list[Organisation]
) -> list[tuple[Organisation, SealedTestSet | None]]:
    """Each organisation with its sealed test set, or None."""
    rows = sealed_test_sets(request.user).filter(organisation__in=organisations)
    by_organisation = {test_set.organisation_id: test_set for test_set in rows}
    return [(each, by_organisation.get(each.pk)) for each in organisations]
