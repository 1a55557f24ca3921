"""Annotations that a person may see."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
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
    """The newest version of each annotation that still stands.

    Rows carry `made_at`, the time of their first version.
    """
    newer = Annotation.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    first = Annotation.objects.filter(key=OuterRef("key"), version=1).values("created_at")
    return (
        _visible_versions(user)
        .filter(~Exists(newer), is_deleted=False)
        .annotate(made_at=Subquery(first))
    )


def annotation_history(user: User | AnonymousUser, key: UUID) -> QuerySet[Annotation]:
    """Every version of one annotation, the first one first, tombstones among them."""
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
    versions = Annotation.objects.filter(image__in=visible_images(user).values("pk"))
    if not user.is_authenticated:
        return versions.none()
    signed = readable_reads(user).filter(reading=OuterRef("reading"), state=ReadState.SIGNED)
    return versions.filter(Q(creator=user) | Exists(signed))
