"""A frozen version: what it proves, what it holds, and its rows."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.keyset import keyset_page
from clinic.dataset_words import class_names, described
from clinic.datasets.description import Description
from clinic.models import DatasetVersion
from clinic.selectors.datasets import label_classes, visible_dataset_versions
from clinic.selectors.datasets.classes import class_counts
from clinic.views.datasets.contents import Contents
from clinic.views.datasets.gate import for_administrators
from clinic.views.datasets.tables import picture_of
from clinic.views.gate import MemberRequest

ROWS_OF_A_PAGE = 25


@require_safe
@for_administrators
def dataset_version(request: MemberRequest, key: UUID) -> HttpResponse:
    """Facts, plots, exports, training runs and rows, under pseudonyms only."""
    versions = visible_dataset_versions(request.user).select_related("dataset", "frozen_by")
    version: DatasetVersion = get_object_or_404(versions.prefetch_related("organisations"), pk=key)
    description = Description.from_json(version.header.get("description", {}))
    classes = class_names()
    asked = description.classes or [node.ham10000 for node in label_classes()]
    contents = Contents.of_version(version, class_counts(version))
    rows = version.rows.select_related("tombstone")
    context = {
        "version": version,
        "dataset": version.dataset,
        "facts": described(description, version.organisations.all(), classes),
        "picture": picture_of(contents, classes, asked=asked),
        "class_names": classes,
        "withdrawn": version.rows.filter(tombstone__isnull=False).count(),
        "page": keyset_page(rows, order=["number"], params=request.GET, size=ROWS_OF_A_PAGE),
    }
    return render(request, "clinic/datasets/version.html", context)
