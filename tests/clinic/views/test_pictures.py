"""Handing out pictures: only to those who may see them, and noted."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Organisation, User
from clinic.models import AccessLog, LesionImage
from clinic.services import add_image, start_case
from clinic.storage import PrivateFileStorage
from tests.cast import signed_in
from tests.clinic.imaging.pictures import heic, jpeg
from tests.factories import LesionFactory, PatientFactory

AddImage = Callable[..., LesionImage]


@pytest.fixture
def add(alice: User, northside: Organisation) -> AddImage:
    case = start_case(patient=PatientFactory(organisation=northside), actor=alice)
    lesion = LesionFactory(patient=case.patient)
    return lambda content: add_image(case=case, lesion=lesion, content=content, actor=alice)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def file_of(image: LesionImage) -> str:
    return reverse("image-file", args=[image.pk])


def thumbnail_of(image: LesionImage) -> str:
    return reverse("image-thumbnail", args=[image.pk])


def test_a_picture_is_handed_out_as_it_is_stored(alice: User, add: AddImage) -> None:
    image = add(jpeg(320, 240))
    response = signed_in(alice).get(file_of(image))
    with image.file.open() as stored:
        assert body(response) == stored.read()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == f'inline; filename="{image.pk}.jpg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert "max-age=" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


def test_every_look_at_a_picture_is_noted(alice: User, dana: User, add: AddImage) -> None:
    image = add(jpeg())
    for person in (alice, dana):
        signed_in(person).get(file_of(image))
    looks = AccessLog.objects.order_by("id")
    assert [(look.user, look.image, look.action) for look in looks] == [
        (alice, image, "view"),
        (dana, image, "view"),
    ]
    assert looks[0].address == "127.0.0.1"


def test_a_thumbnail_writes_no_row(alice: User, add: AddImage) -> None:
    response = signed_in(alice).get(thumbnail_of(add(jpeg(640, 480))))
    assert response["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"
    assert AccessLog.objects.count() == 0


def test_a_browser_that_has_the_picture_gets_no_bytes_but_the_look_is_noted(
    alice: User, add: AddImage
) -> None:
    image, client = add(jpeg()), signed_in(alice)
    etag = client.get(file_of(image))["ETag"]
    assert image.sha256 in etag
    again = client.get(file_of(image), headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""
    assert AccessLog.objects.count() == 2
    assert client.get(file_of(image), headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_heic_picture_is_shown_as_a_jpeg(alice: User, add: AddImage) -> None:
    image = add(heic(320, 256))
    assert image.media_type == "image/heic"
    response = signed_in(alice).get(file_of(image))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].endswith('.jpg"')
    with image.file.open() as stored:
        assert stored.read(12)[4:12] == b"ftypheic"  # the record stays as it is
    shown = Image.open(io.BytesIO(response.content))
    assert (shown.format, shown.size) == ("JPEG", (320, 256))


def test_a_picture_of_another_organisation_does_not_exist(bob: User, add: AddImage) -> None:
    image, client = add(jpeg()), signed_in(bob)
    assert client.get(file_of(image)).status_code == 404
    assert client.get(thumbnail_of(image)).status_code == 404
    assert AccessLog.objects.count() == 0


def test_nobody_sees_a_picture_without_signing_in(add: AddImage) -> None:
    image = add(jpeg())
    for address in (file_of(image), thumbnail_of(image)):
        assert Client().get(address).status_code == 302
    assert AccessLog.objects.count() == 0


def test_a_row_without_its_file_is_not_found(alice: User, add: AddImage) -> None:
    image = add(jpeg())
    image.file.storage.delete(image.file.name)
    assert signed_in(alice).get(file_of(image)).status_code == 404


def test_with_redirects_on_the_browser_is_sent_to_a_signed_address(
    alice: User, add: AddImage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = add(jpeg())
    settings.STORAGE_REDIRECT = True
    signed = f"https://objects.example/{image.file.name}?signature=1"
    monkeypatch.setattr(PrivateFileStorage, "url", lambda self, name: signed)
    response = signed_in(alice).get(file_of(image))
    assert (response.status_code, response.url) == (302, signed)
    assert "no-store" in response["Cache-Control"]
    assert AccessLog.objects.count() == 1
