"""How large a pixel is on the skin: said by whoever sends the picture, or not known."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.models import LesionImage
from tests.api.senders import Sender
from tests.clinic.api.test_case_to_signature import _draft, _upload
from tests.clinic.imaging.pictures import jpeg


def test_the_spacing_that_is_sent_is_kept_and_shown(records_system: Sender) -> None:
    answer = _upload(
        records_system, _draft(records_system), file=camera_file(), pixel_spacing_um="12.5"
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["pixel_spacing_um"] == 12.5
    assert LesionImage.objects.get().pixel_spacing_um == 12.5


def camera_file() -> SimpleUploadedFile:
    """A JPEG that says 300 dots an inch, which is a wish about paper and nothing about skin."""
    return SimpleUploadedFile("image.jpg", jpeg(dpi=(300, 300)), content_type="image/jpeg")


@pytest.mark.parametrize("unknown", [{}, {"pixel_spacing_um": ""}], ids=["left out", "empty"])
def test_a_spacing_that_nobody_says_is_not_taken_from_the_file(
    unknown: dict[str, str], records_system: Sender
) -> None:
    answer = _upload(records_system, _draft(records_system), file=camera_file(), **unknown)
    assert answer.json()["pixel_spacing_um"] is None


@pytest.mark.parametrize("spacing", ["0", "0.09", "1000.1", "-12", "nan", "inf", "twelve"])
def test_a_spacing_that_no_camera_has_is_refused_at_its_field(
    spacing: str, records_system: Sender
) -> None:
    answer = _upload(
        records_system, _draft(records_system), file=camera_file(), pixel_spacing_um=spacing
    )
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/pixel_spacing_um"]
    assert not LesionImage.objects.exists()
