"""Images into and out of a draft."""

from dataclasses import asdict
from functools import partial
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict, InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.imaging import ImageRefused, PreparedImage, prepare_upload
from clinic.models import Case, CaseState, ImageKind, Lesion, LesionImage
from clinic.roles import SUBMITTERS
from clinic.services.cases import lock_case, require_state
from clinic.services.renditions import queue_renditions, rendition_names
from clinic.signals import image_accepted

PIXEL_SPACING_UM = (0.1, 1000.0)
"""Least and most, micrometres a pixel: finer than any microscope, coarser than a whole back."""


class DuplicateImage(Conflict):
    """The same picture is in the case already."""

    code = "duplicate_image"


def add_image(
    *,
    case: Case,
    lesion: Lesion,
    content: bytes,
    actor: User,
    kind: str = ImageKind.DERMOSCOPIC,
    pixel_spacing_um: float | None = None,
    key: UUID | None = None,
) -> LesionImage:
    """Check, de-identify and store one image, and announce it.

    `pixel_spacing_um`: micrometres on the skin from one pixel of the upright picture to the next.
    Raises InvalidInput with the guard's sentence, DuplicateImage, Conflict if the case is no
    longer a draft. A refusal stores nothing.
    """
    require_role(actor, case.organisation_id, *SUBMITTERS)
    if kind not in ImageKind.values:
        raise InvalidInput("Say how the image was taken.", field="kind")
    if lesion.patient_id != case.patient_id:
        raise InvalidInput("That lesion belongs to another patient.", field="lesion")
    require_plausible_spacing(pixel_spacing_um)
    # Decoding takes longest and needs no lock, so it comes before the transaction.
    try:
        prepared = prepare_upload(content)
    except ImageRefused as refused:
        raise InvalidInput(refused.reason, code=refused.code, field="file") from refused
    return _store(
        case=case,
        lesion=lesion,
        prepared=prepared,
        actor=actor,
        kind=kind,
        pixel_spacing_um=pixel_spacing_um,
        key=key,
    )


def require_plausible_spacing(micrometres: float | None) -> None:
    """Refuse what no camera gives, NaN among it. Raises InvalidInput."""
    lowest, highest = PIXEL_SPACING_UM
    if micrometres is not None and not lowest <= micrometres <= highest:
        msg = f"The pixel spacing must lie between {lowest:g} and {highest:g} micrometres a pixel."
        raise InvalidInput(msg, field="pixel_spacing_um")


@transaction.atomic
def _store(
    *,
    case: Case,
    lesion: Lesion,
    prepared: PreparedImage,
    actor: User,
    kind: str,
    pixel_spacing_um: float | None,
    key: UUID | None,
) -> LesionImage:
    case = lock_case(case)
    require_state(case, CaseState.DRAFT)
    twin = case.images.filter(sha256=prepared.sha256).select_related("lesion").first()
    if twin is not None:
        if key is not None and twin.pk == key:
            return twin
        msg = f"This image is already in the case, on lesion {twin.lesion.number}."
        raise DuplicateImage(msg)
    image = new_image(case=case, lesion=lesion, prepared=prepared, actor=actor, kind=kind, key=key)
    image.pixel_spacing_um = pixel_spacing_um
    write_files(image, prepared)
    try:
        image.save(force_insert=True)
        # The bell of the answers is asked for first: somebody waits for those.
        image_accepted.send(sender=LesionImage, images=[image])
        queue_renditions(images=[image])
    except BaseException:
        delete_files(image)
        raise
    return image


def new_image(
    *,
    case: Case,
    lesion: Lesion,
    prepared: PreparedImage,
    actor: User | None,
    kind: str = ImageKind.DERMOSCOPIC,
    key: UUID | None = None,
) -> LesionImage:
    """An unsaved row for a prepared image."""
    accepted = prepared.accepted
    return LesionImage(
        id=key or uuid4(),
        case=case,
        lesion=lesion,
        kind=kind,
        sha256=prepared.sha256,
        media_type=accepted.media_type,
        width=accepted.width,
        height=accepted.height,
        size_bytes=len(prepared.content),
        # A camera's clock has no time zone; the clinic's own is the best guess.
        captured_at=accepted.captured_at and timezone.make_aware(accepted.captured_at),
        quality=[asdict(finding) for finding in accepted.quality],
        uploaded_by=actor,
    )


def write_files(image: LesionImage, prepared: PreparedImage) -> None:
    """Put both files into private storage. Whoever calls deletes them if the row is not stored."""
    image.file.save(f"image{prepared.accepted.suffix}", ContentFile(prepared.content), save=False)
    image.thumbnail.save("thumbnail.webp", ContentFile(prepared.thumbnail), save=False)


def delete_files(image: LesionImage) -> None:
    """Take its files out of private storage, with what a worker may just have made of them."""
    for file in (image.file, image.thumbnail):
        if file.name:
            file.storage.delete(file.name)
    for name in rendition_names(image):
        image.rendition.storage.delete(name)


@transaction.atomic
def move_image(*, image: LesionImage, lesion: Lesion, actor: User) -> LesionImage:
    """Put an image of a draft on another lesion of the same patient."""
    case = lock_case(image.case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    require_state(case, CaseState.DRAFT)
    if lesion.patient_id != case.patient_id:
        raise InvalidInput("That lesion belongs to another patient.", field="lesion")
    image.lesion = lesion
    image.save(update_fields=["lesion"])
    return image


@transaction.atomic
def change_image_kind(*, image: LesionImage, kind: str, actor: User) -> LesionImage:
    """Say how an image of a draft was taken."""
    case = lock_case(image.case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    require_state(case, CaseState.DRAFT)
    if kind not in ImageKind.values:
        raise InvalidInput("Say how the image was taken.", field="kind")
    image.kind = kind
    image.save(update_fields=["kind"])
    return image


@transaction.atomic
def remove_image(*, image: LesionImage, actor: User) -> None:
    """Take an image out of a draft; its files go when the transaction commits."""
    case = lock_case(image.case)
    require_role(actor, case.organisation_id, *SUBMITTERS)
    require_state(case, CaseState.DRAFT)
    image.delete()
    transaction.on_commit(partial(delete_files, image))
