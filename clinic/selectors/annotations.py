"""Annotations that a person may see."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from clinic.annotation.document import write_annotation
from clinic.models import (
    WAITING_STATES,
    Annotation,
    Case,
    LesionImage,
    Reading,
    ReadingRole,
    ReadingState,
    ReadState,
)
from clinic.selectors.blindness import readable_reads
from clinic.selectors.images import visible_images


def visible_annotations(user: User | AnonymousUser) -> QuerySet[Annotation]:
    """The newest version of each annotation that still stands; see `annotation_history`."""
    newer = Annotation.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    return _visible_versions(user).filter(~Exists(newer), is_deleted=False)


def annotation_history(user: User | AnonymousUser, key: UUID) -> QuerySet[Annotation]:
    """Every version of one annotation, the first one first, tombstones among them.

    Rows carry `made_at`, the time of the first version.
    """
    return _visible_versions(user).filter(key=key).order_by("version")


def image_annotations(user: User | AnonymousUser, image: LesionImage) -> QuerySet[Annotation]:
    """What the person sees on one image, in the order in which it was drawn."""
    return (
        visible_annotations(user)
        .filter(image=image)
        .select_related("creator")
        .defer("points")
        .order_by(F("made_at"), "key")
    )


def annotating_reading(user: User | AnonymousUser, case: Case) -> QuerySet[Reading]:
    """The reading in which this person may draw on the images of this case: none or one row.

    It is the person's own and unsigned, and the case does not lie on a colleague's desk.
    """
    if not user.is_authenticated:
        return Reading.objects.none()
    held = Reading.objects.filter(
        case=OuterRef("case"), holds_case=True, lock_expires_at__gt=timezone.now()
    )
    return Reading.objects.filter(
        ~Exists(held.exclude(reader=user)),
        case=case,
        case__state__in=WAITING_STATES,
        reader=user,
    ).exclude(Q(state=ReadingState.SIGNED) | Q(role=ReadingRole.AMENDMENT))


def _visible_versions(user: User | AnonymousUser) -> QuerySet[Annotation]:
    """One's own, and those of readings whose signed reads the blind rule lets through."""
    # Unordered: the model's own order would join the image, its lesion and its patient.
    first = Annotation.objects.filter(key=OuterRef("key"), version=1).order_by()
    images = visible_images(user).values("pk")
    versions = Annotation.objects.filter(image__in=images).annotate(
        made_at=Subquery(first.values("created_at"))
    )
    if not user.is_authenticated:
        return versions.none()
    signed = readable_reads(user).filter(reading=OuterRef("reading"), state=ReadState.SIGNED)
    return versions.filter(Q(creator=user) | Exists(signed))


def annotation_document(row: Annotation) -> dict[str, Any]:
    """The W3C Web Annotation of a row of these selectors; `creator` must be loaded."""
    return write_annotation(
        key=row.key,
        image=row.image_id,
        selector=row.target,
        label=row.label,
        text=row.text,
        creator=row.creator_id,
        creator_name=row.creator.get_full_name(),
        created=row.made_at,  # type: ignore[attr-defined]  # the selectors add it
        modified=row.created_at,
    )
