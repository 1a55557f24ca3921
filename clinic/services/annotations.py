"""Drawing on images. Every change is a row of its own; nothing that was drawn is ever lost."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import User
from accounts.services import require_role
from clinic.annotation.refusals import RegionRefused
from clinic.annotation.region import Region, read_target
from clinic.annotation.vocabulary import BY_CODE
from clinic.models import Annotation, LesionImage, Reading, ReadingRole, ReadingState
from clinic.roles import READERS
from clinic.services.cases import lock_case
from clinic.services.reading.assignment import take

MOST_ON_AN_IMAGE = 1500
LONGEST_TEXT = 1000


class AnnotationChanged(Conflict):
    """Somebody (the same reader in another window) was faster. `current` is the newest version."""

    code = "annotation_changed"

    def __init__(self, current: Annotation) -> None:
        what = "deleted" if current.is_deleted else "changed"
        super().__init__(f"This annotation was {what} in another window. Choose which to keep.")
        self.current = current


def save_annotation(
    *,
    image: LesionImage,
    actor: User,
    key: UUID,
    version: int,
    label: str,
    target: Any,
    text: str = "",
) -> Annotation:
    """Append a version of an annotation; `version` is the one it is based on, 0 for a new one.

    `target` is W3C JSON (see `clinic.annotation.region`). The same change sent twice makes one
    version. Raises InvalidInput, NotAllowed, AnnotationChanged.
    """
    require_role(actor, image.case.organisation_id, *READERS)
    text = _checked_text(label, text)
    region = _region(image, target)
    with transaction.atomic():
        reading = _reading(image, actor)
        newest = _newest(key, image, reading)
        if newest is not None and _is_same(newest, version, label, text, region):
            return newest  # sent twice, or nothing changed
        _require_newest(newest, version)
        if newest is None or newest.is_deleted:
            _require_room(image, reading)
        return Annotation.objects.create(
            key=key,
            version=version + 1,
            image=image,
            reading=reading,
            creator=actor,
            label=label,
            text=text,
            target=region.selector,
            points=region.points,
            stage=reading.state,
        )


def delete_annotation(*, image: LesionImage, actor: User, key: UUID, version: int) -> Annotation:
    """Append a tombstone. A later version on top of it brings the annotation back.

    Raises NotAllowed, AnnotationChanged, and InvalidInput where there is no such annotation.
    """
    require_role(actor, image.case.organisation_id, *READERS)
    with transaction.atomic():
        reading = _reading(image, actor)
        newest = _newest(key, image, reading)
        if newest is None:
            raise InvalidInput("There is no such annotation on this image.", code="unknown")
        if newest.is_deleted and newest.version in {version, version + 1}:
            return newest
        _require_newest(newest, version)
        return Annotation.objects.create(
            key=key,
            version=version + 1,
            image=image,
            reading=reading,
            creator=actor,
            label=newest.label,
            stage=reading.state,
            is_deleted=True,
        )


def _reading(image: LesionImage, actor: User) -> Reading:
    """The actor's reading, with its case locked: its annotations change one after the other, and
    never while it is being signed. Drawing keeps the case on the desk, as typing does."""
    case = lock_case(image.case)
    own = Reading.objects.filter(case=case, reader=actor)
    if not own.exclude(role=ReadingRole.AMENDMENT).exists():
        msg = "Open this case from the worklist to draw on its images."
        raise NotAllowed(msg, code="no_reading")
    try:
        reading = take(case, actor)
    except Conflict as conflict:
        # A 409 of this address means that the annotation itself has moved on.
        raise NotAllowed(str(conflict), code=conflict.code) from conflict
    if reading.state == ReadingState.ASSIGNED:
        reading.state = ReadingState.DRAFT
        reading.save(update_fields=["state"])
    return reading


def _newest(key: UUID, image: LesionImage, reading: Reading) -> Annotation | None:
    """The newest version; raises NotAllowed where the key is that of another's annotation."""
    newest = Annotation.objects.filter(key=key).order_by("-version").first()
    if newest is not None and (newest.image_id, newest.reading_id) != (image.pk, reading.pk):
        msg = "Only annotations of your own open reading can be changed. Draw a new one."
        raise NotAllowed(msg, code="annotation_of_another")
    return newest


def _require_newest(newest: Annotation | None, version: int) -> None:
    if newest is not None and newest.version != version:
        raise AnnotationChanged(newest)
    if newest is None and version != 0:
        msg = "There is no such annotation on this image yet: a new one is based on version 0."
        raise InvalidInput(msg, code="unknown", field="version")


def _require_room(image: LesionImage, reading: Reading) -> None:
    newer = Annotation.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    drawn = Annotation.objects.filter(~Exists(newer), image=image, reading=reading)
    if drawn.filter(is_deleted=False).count() >= MOST_ON_AN_IMAGE:
        msg = f"An image holds {MOST_ON_AN_IMAGE:,} annotations. Delete some before you draw more."
        raise InvalidInput(msg, code="too_many_annotations")


def _is_same(row: Annotation, version: int, label: str, text: str, region: Region) -> bool:
    if row.is_deleted or row.version not in {version, version + 1}:
        return False
    return (row.label, row.text, row.target) == (label, text, region.selector)


def _region(image: LesionImage, target: Any) -> Region:
    try:
        return read_target(target, width=image.width, height=image.height)
    except RegionRefused as refused:
        raise InvalidInput(refused.reason, code=refused.code, field="target") from refused


def _checked_text(label: str, text: str) -> str:
    known = BY_CODE.get(label)
    if known is None:
        raise InvalidInput("Choose a label from the list.", code="unknown_label", field="label")
    text = text.strip()
    if known.needs_text and not text:
        raise InvalidInput("Say in words what this region shows.", code="no_text", field="text")
    if len(text) > LONGEST_TEXT:
        msg = f"Keep the remark under {LONGEST_TEXT:,} characters."
        raise InvalidInput(msg, code="long_text", field="text")
    # Neither PostgreSQL nor UTF-8 can hold these; no keyboard makes them.
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput("The remark holds a character that no text has.", field="text")
    return text
