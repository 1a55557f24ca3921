"""Frozen versions of generated pictures, with files in storage, for runs that really train."""

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import Organisation, User
from clinic.models import Dataset, DatasetVersion
from tests.dataset_factories import a_version
from tests.factories import CaseFactory, LesionImageFactory, PatientFactory
from tests.inference.training.generated import CODES, COLOURS

PARTS = ("train", "train", "validation", "test")
# A network that learns nothing much in a second: one epoch of small pictures.
QUICK = (
    "stages=1@48",
    "cache_size=48",
    "evaluation_size=48",
    "batch_size=4",
    "warmup_epochs=0.3",
    "validate_every=1",
)


def blot(code: str, number: int) -> bytes:
    """A JPEG whose colour tells the class; no two are alike."""
    picture = Image.new("RGB", (64, 48), (225 - number % 20, 175 + number % 11, 165))
    left, top = 8 + number * 5 % 20, 6 + number * 7 % 14
    spot = (left, top, left + 18 + number % 9, top + 16 + number % 13)
    ImageDraw.Draw(picture).ellipse(spot, fill=COLOURS[CODES.index(code)])
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=92)
    return stream.getvalue()


def frozen_pictures(
    organisation: Organisation,
    *,
    codes: Sequence[str] = CODES,
    parts: Sequence[str] = PARTS,
    dataset: Dataset | None = None,
    **values: Any,
) -> DatasetVersion:
    """A version with one patient, lesion and picture for each class and each of `parts`."""
    images, rows = [], []
    for code in codes:
        for part in parts:
            content = blot(code, len(images))
            image = LesionImageFactory(
                case=CaseFactory(patient=PatientFactory(organisation=organisation), submitted=True),
                file=ContentFile(content, name="picture.jpg"),
                sha256=sha256(content).hexdigest(),
                size_bytes=len(content),
                width=64,
                height=48,
            )
            images.append(image)
            rows.append({"label": code, "split": part})
    with transaction.atomic():  # rows come before their version, as when it is frozen
        return a_version(*images, rows=rows, dataset=dataset, **values)


def operator(user: User) -> User:
    """The same person as a model operator."""
    user.user_permissions.add(Permission.objects.get(codename="operate_models"))
    return User.objects.get(pk=user.pk)
