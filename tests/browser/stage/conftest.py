"""Dana's desk with a case on it, whose picture is large enough to be zoomed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import ImageDraw
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage
from clinic.services import assign_case, load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.clinic.imaging.pictures import photograph
from tests.clinic.reading_cases import waiting_case

OpenPage = Callable[..., Page]

WIDTH, HEIGHT = 1200, 900


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")


@lru_cache(maxsize=4)
def picture(width: int, height: int) -> bytes:
    """A JPEG with a dark spot off its middle, so that a turned one is seen to be turned."""
    image = photograph(width, height).convert("RGB")
    spot = ImageDraw.Draw(image)
    spot.ellipse(
        (width * 0.3, height * 0.25, width * 0.6, height * 0.7),
        fill=(92, 58, 44),
        outline=(60, 34, 26),
    )
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def give_picture(image: LesionImage, width: int, height: int) -> None:
    """Replace what a factory made by a picture of that size."""
    content = picture(width, height)
    image.width, image.height, image.size_bytes = width, height, len(content)
    image.file.save("image.jpg", ContentFile(content), save=False)
    image.save()


@dataclass
class Desk:
    """An open page with one image on its stage."""

    page: Page
    case: Case
    image: LesionImage

    def open(self) -> "Desk":
        self.page.goto(f"/stage/{self.case.pk}/?image={self.image.pk}")
        expect(self.page.locator("#viewer")).to_have_attribute("data-state", "shown")
        return self


@pytest.fixture
def desk(
    signed_in: Callable[..., Page], dana: User, northside: Organisation
) -> Iterator[Callable[..., Desk]]:
    """`desk(images=2, width=390, spacing=12.5)`: the case is Dana's to read."""

    opened: list[Page] = []

    def on_the_desk(
        *,
        images: int = 1,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        spacing: float | None = None,
        reader: User | None = None,
        assigned: bool = True,
        **window: object,
    ) -> Desk:
        case = waiting_case(northside, images=images)
        for image in case.images.all():
            give_picture(image, *size)
            LesionImage.objects.filter(pk=image.pk).update(pixel_spacing_um=spacing)
        if assigned:
            assign_case(case=case, reader=dana)
        image = case.images.first()
        assert image is not None
        opened.append(signed_in(reader or dana, **window))
        return Desk(opened[-1], case, image).open()

    yield on_the_desk
    for page in opened:  # what it still asks for would meet a database that is being emptied
        page.unroute_all(behavior="wait")
        page.wait_for_load_state("networkidle")
