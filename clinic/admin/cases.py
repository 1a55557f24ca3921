"""Cases with their images and reads, read only."""

from typing import ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.scope import ReadOnlyAdmin
from clinic.admin.patients import ReadOnlyInline
from clinic.models import Case, LesionImage, PathologyResult, Read, Reading


class ImageInline(ReadOnlyInline):
    """What is known of the images. The pictures themselves are looked at in the clinic."""

    model = LesionImage
    fields = ("lesion", "kind", "media_type", "size", "captured_at", "uploaded_by", "created_at")

    @admin.display(description="size")
    def size(self, image: LesionImage) -> str:
        """Pixels and bytes."""
        return f"{image.width} × {image.height}, {image.size_bytes / 1e6:.1f} MB"


class ReadInline(ReadOnlyInline):
    """First opinions, changes of mind and drafts."""

    model = Read
    fields = (
        *("lesion", "reader", "stage", "state", "stands", "diagnosis", "management", "comment"),
        "signed_at",
    )


class ReadingInline(ReadOnlyInline):
    """Whose turn it was, and how far they are."""

    model = Reading
    fields = (
        *("role", "reader", "state", "is_blind", "holds_case", "lock_expires_at"),
        *("assigned_at", "committed_at", "revealed_at", "signed_at", "proof_method", "proved_at"),
    )


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """One submission."""

    organisation_path: ClassVar[str] = "organisation"
    list_display = (
        "reference",
        "state",
        "priority",
        "patient",
        "submitter",
        "organisation",
        "submitted_at",
    )
    list_filter = ("state", "priority")
    list_select_related = ("patient", "submitter", "organisation")
    search_fields = ("number", "patient__medical_record_number", "patient__family_name")
    fields = (
        "reference",
        "organisation",
        "patient",
        "state",
        "priority",
        "clinical_question",
        "malignancy",
        "submitter",
        "created_at",
        "submitted_at",
        "finalised_at",
        "cancelled_reason",
        "in_the_clinic",
    )
    readonly_fields = ("reference", "malignancy", "in_the_clinic")
    inlines = (ImageInline, ReadingInline, ReadInline)
    ordering = ("-created_at", "-id")

    @admin.display(description="in the clinic")
    def in_the_clinic(self, case: Case) -> SafeString:
        """Where its pictures and answers are."""
        return format_html('<a href="/cases/{}/">Open {}</a>', case.pk, case.reference)


@admin.register(PathologyResult)
class PathologyAdmin(ReadOnlyAdmin):
    """What lesions turned out to be."""

    organisation_path: ClassVar[str] = "lesion__patient__organisation"
    list_display = ("lesion", "diagnosis", "method", "reported_on", "created_at")
    list_filter = ("method",)
    list_select_related = ("lesion__patient", "diagnosis")
    search_fields = ("lesion__patient__medical_record_number",)
    ordering = ("-created_at", "-id")
