"""The exports of a version, wherever a page has a place for them."""

from typing import Any

from django import template
from django.template.context import RequestContext

from clinic.datasets.formats import FORMATS
from clinic.export_words import DELIVERIES, consent_sentence, heard, shown_export
from clinic.models import DatasetVersion, ExportDelivery
from clinic.selectors.dataset_exports import exports_of

register = template.Library()
EXPORTS_SHOWN = 20


@register.inclusion_tag("clinic/datasets/_export_part.html", takes_context=True)
def exports_part(context: RequestContext, version: DatasetVersion) -> dict[str, Any]:
    """The form and the list: `{% exports_part version %}`; the page has checked who looks."""
    return export_list(version) | {
        "formats": list(FORMATS.values()),
        "deliveries": [(each, each.label, DELIVERIES[each]) for each in ExportDelivery],
        "consent": consent_sentence(version),
        "csrf_token": context.get("csrf_token"),
    }


def export_list(version: DatasetVersion) -> dict[str, Any]:
    """What the list is made of, the newest first."""
    shown = [shown_export(export) for export in exports_of(version)[:EXPORTS_SHOWN]]
    return {
        "version": version,
        "exports": shown,
        "is_being_written": any(each.is_unfinished for each in shown),
        "heard": heard(shown),
    }
