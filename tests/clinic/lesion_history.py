"""A lesion that was photographed again and again."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from clinic.models import Case, Lesion
from tests.clinic.annotated import draw, ellipse, on_the_desk
from tests.clinic.reading_cases import sign_as
from tests.factories import CaseFactory, LesionImageFactory

SIZE = (640, 480)


def visit(
    lesion: Lesion,
    *,
    days_ago: int,
    number: int,
    kinds: tuple[str, ...] = ("dermoscopic",),
    radii: tuple[int, int] = (120, 90),
    size: tuple[int, int] = SIZE,
    outlined_by: User | None = None,
    signed_by: User | None = None,
    code: str = "nevus",
    **image: Any,
) -> Case:
    """A submitted case with a picture of each kind: a dark ellipse with these radii, px.

    `outlined_by` draws the border on the first picture; `signed_by` closes the case.
    """
    at = timezone.now() - timedelta(days=days_ago)
    case = CaseFactory(patient=lesion.patient, submitted=True, submitted_at=at, number=number)
    pictured = _picture(size, radii)
    for kind in kinds:
        LesionImageFactory(
            case=case,
            lesion=lesion,
            kind=kind,
            width=size[0],
            height=size[1],
            size_bytes=len(pictured),
            file=ContentFile(pictured, name="image.png"),
            thumbnail=ContentFile(pictured, name="thumbnail.png"),
            media_type="image/png",
            **image,
        )
    if outlined_by is not None:
        shape = ellipse(size[0] / 2, size[1] / 2, *radii)
        draw(on_the_desk(case, outlined_by), outlined_by, label="lesion_border", target=shape)
    if signed_by is not None:
        sign_as(signed_by, case, code)
    case.refresh_from_db()
    return case


def _picture(size: tuple[int, int], radii: tuple[int, int]) -> bytes:
    skin = Image.new("RGB", size, (214, 170, 140))
    x, y = size[0] / 2, size[1] / 2
    rx, ry = radii
    drawing = ImageDraw.Draw(skin)
    drawing.ellipse((x - rx, y - ry, x + rx, y + ry), fill=(96, 60, 48))
    drawing.ellipse((x - rx / 3, y - ry / 2, x + rx / 4, y), fill=(48, 30, 26))
    drawing.rectangle((8, 8, 60, 40), fill=(20, 60, 200))  # tells up from down
    buffer = BytesIO()
    skin.save(buffer, "PNG")
    return buffer.getvalue()
