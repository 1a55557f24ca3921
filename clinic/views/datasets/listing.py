"""The data sets of the organisations that a person administers."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.keyset import keyset_page
from accounts.selectors import administered_organisations
from clinic.selectors.datasets import sealed_test_sets, visible_dataset_versions, visible_datasets
from clinic.views.datasets.gate import for_administrators
from clinic.views.gate import MemberRequest


@require_safe
@for_administrators
def dataset_list(request: MemberRequest) -> HttpResponse:
    """Data sets with their versions, newest first, and the sealed test set of each organisation."""
    user = request.user
    versions = visible_dataset_versions(user).select_related("frozen_by").order_by("-number")
    datasets = visible_datasets(user).prefetch_related(
        Prefetch("organisations"), Prefetch("versions", queryset=versions, to_attr="frozen")
    )
    sealed = {test_set.organisation_id: test_set for test_set in sealed_test_sets(user)}
    return render(
        request,
        "clinic/datasets/list.html",
        {
            "page": keyset_page(datasets, order=["-created_at", "-id"], params=request.GET),
            "sealed": [
                (organisation, sealed.get(organisation.pk))
                for organisation in administered_organisations(user).order_by("name", "id")
            ],
        },
    )
