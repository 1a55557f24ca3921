"""Regions as a browser sends them, and a case that a reader draws on."""

import uuid
from typing import Any

from accounts.models import User
from clinic.models import Annotation, Case, LesionImage
from clinic.services.annotations import save_annotation
from clinic.services.reading import assign_case


def rectangle(
    x: float = 10, y: float = 20, width: float = 30, height: float = 40
) -> dict[str, Any]:
    """A target with a FragmentSelector, in px."""
    value = f"xywh=pixel:{x},{y},{width},{height}"
    return {"selector": {"type": "FragmentSelector", "value": value}}


def ellipse(cx: float = 200, cy: float = 150, rx: float = 40, ry: float = 20) -> dict[str, Any]:
    """A target with an SvgSelector, as Annotorious spells it."""
    value = f'<svg><ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" /></svg>'
    return {"selector": {"type": "SvgSelector", "value": value}}


def on_the_desk(case: Case, reader: User) -> LesionImage:
    """The first image of a case that this reader has opened."""
    assign_case(case=case, reader=reader)
    return case.images.select_related("case").order_by("created_at", "id")[0]


def draw(
    image: LesionImage,
    reader: User,
    *,
    key: uuid.UUID | None = None,
    version: int = 0,
    label: str = "globules",
    text: str = "",
    target: Any = None,
) -> Annotation:
    """One annotation of an open reading."""
    return save_annotation(
        image=image,
        actor=reader,
        key=key or uuid.uuid4(),
        version=version,
        label=label,
        text=text,
        target=target or rectangle(),
    )
