"""The picture as large as a screen: what is handed out for it, kept by the browser and noted."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.models import Organisation, User
from clinic.imaging.refusals import damaged
from clinic.models import AccessLog, LesionImage, PendingRendition
from clinic.services import add_image, start_case
from clinic.storage import PrivateFileStorage
from clinic.tasks import make_renditions_task
from clinic.views import pictures
from tests.cast import signed_in
from tests.clinic.imaging.pictures import heic, jpeg
from tests.factories import LesionFactory, PatientFactory

Add = Callable[[bytes], LesionImage]
PREFETCH = {"X-Purpose": "prefetch"}
LARGE = jpeg(2000, 1500)


@pytest.fixture
def add(alice: User, northside: Organisation) -> Add:
    case = start_case(patient=PatientFactory(organisation=northside), actor=alice)
    lesion = LesionFactory(patient=case.patient)
    return lambda content: add_image(case=case, lesion=lesion, content=content, actor=alice)


@pytest.fixture
def large(add: Add) -> LesionImage:
    """A picture whose rendition has been made."""
    image = add(LARGE)
    assert make_renditions_task() == 1
    image.refresh_from_db()
    return image


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def stored(image: LesionImage, name: str) -> bytes:
    with getattr(image, name).open() as file:
        return file.read()


def screen_of(image: LesionImage) -> str:
    return reverse("image-screen", args=[image.pk])


def test_a_large_picture_is_shown_by_its_rendition(alice: User, large: LesionImage) -> None:
    response = signed_in(alice).get(screen_of(large))
    assert body(response) == stored(large, "rendition")
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == f'inline; filename="{large.pk}-screen.jpg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert set(response["Cache-Control"].split(", ")) == {"private", "max-age=3600"}


def test_until_it_is_made_it_is_made_for_the_answer_and_nothing_is_stored(
    alice: User, add: Add
) -> None:
    image = add(LARGE)
    early = signed_in(alice).get(screen_of(image))
    assert Image.open(io.BytesIO(early.content)).size == (1600, 1200)
    image.refresh_from_db()
    assert not image.rendition
    assert PendingRendition.objects.count() == 1

    make_renditions_task()
    later = signed_in(alice).get(screen_of(image))
    assert body(later) == early.content
    assert later["ETag"] == early["ETag"], "the browser need not fetch it again"


def test_a_picture_that_fits_is_shown_as_it_is_stored(alice: User, add: Add) -> None:
    image = add(jpeg(800, 600))
    response = signed_in(alice).get(screen_of(image))
    assert body(response) == stored(image, "file")
    assert image.sha256 in response["ETag"]


def test_a_small_heic_is_shown_as_a_jpeg_with_and_without_a_worker(alice: User, add: Add) -> None:
    image = add(heic(320, 256))
    early = body(signed_in(alice).get(screen_of(image)))
    make_renditions_task()
    assert body(signed_in(alice).get(screen_of(image))) == early
    assert Image.open(io.BytesIO(early)).format == "JPEG"


def test_a_browser_that_has_it_gets_no_bytes_but_the_look_is_noted(
    alice: User, large: LesionImage
) -> None:
    client = signed_in(alice)
    etag = client.get(screen_of(large))["ETag"]
    again = client.get(screen_of(large), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert [look.action for look in AccessLog.objects.all()] == ["view", "view"]
    full = client.get(reverse("image-file", args=[large.pk]), headers={"If-None-Match": etag})
    assert full.status_code == 200, "the original is another picture"


def test_what_is_fetched_ahead_is_noted_as_that_and_its_showing_as_a_look(
    dana: User, large: LesionImage
) -> None:
    client = signed_in(dana)
    ahead = client.get(screen_of(large), headers=PREFETCH)
    # Kept by the browser, but asked for again when it is shown: that costs no bytes.
    assert set(ahead["Cache-Control"].split(", ")) == {"private", "no-cache"}
    shown = client.get(screen_of(large), headers={"If-None-Match": ahead["ETag"]})
    assert shown.status_code == 304
    assert "max-age=3600" in shown["Cache-Control"]
    looks = AccessLog.objects.order_by("id")
    assert [(look.user, look.image, look.action) for look in looks] == [
        (dana, large, "prefetch"),
        (dana, large, "view"),
    ]


def test_asking_for_the_head_alone_is_no_look(alice: User, large: LesionImage) -> None:
    assert signed_in(alice).head(screen_of(large)).status_code == 200
    assert AccessLog.objects.count() == 0


def test_nobody_sees_it_who_may_not_see_the_picture(bob: User, large: LesionImage) -> None:
    assert signed_in(bob).get(screen_of(large)).status_code == 404
    assert signed_in(bob).get(screen_of(large), headers=PREFETCH).status_code == 404
    assert Client().get(screen_of(large)).status_code == 302
    assert AccessLog.objects.count() == 0


def test_a_rendition_that_is_gone_from_storage_is_made_for_the_answer(
    alice: User, large: LesionImage, caplog: pytest.LogCaptureFixture
) -> None:
    large.rendition.storage.delete(large.rendition.name)
    response = signed_in(alice).get(screen_of(large))
    assert Image.open(io.BytesIO(response.content)).size == (1600, 1200)
    assert f"The rendition of image {large.pk} is not in storage" in caplog.text


def test_where_there_will_be_no_rendition_the_original_is_shown_and_not_tried_again(
    alice: User, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = add(LARGE)
    PendingRendition.objects.update(reason="The worker stopped 3 times.")
    monkeypatch.setattr(pictures, "make_rendition", lambda *_, **__: pytest.fail("tried again"))
    assert body(signed_in(alice).get(screen_of(image))) == stored(image, "file")


@pytest.mark.parametrize("trouble", [MemoryError, damaged("it is torn")], ids=["memory", "damage"])
def test_a_rendition_that_cannot_be_made_for_the_answer_leaves_the_original(
    trouble: Exception, alice: User, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise trouble

    image = add(LARGE)
    monkeypatch.setattr(pictures, "make_rendition", fail)
    assert body(signed_in(alice).get(screen_of(image))) == stored(image, "file")


def test_a_row_without_its_file_is_not_found(alice: User, add: Add) -> None:
    image = add(LARGE)
    image.file.storage.delete(image.file.name)
    assert signed_in(alice).get(screen_of(image)).status_code == 404


def test_with_redirects_on_the_browser_is_sent_to_what_is_stored(
    alice: User,
    add: Add,
    large: LesionImage,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, not_yet = add(jpeg(800, 600)), add(jpeg(1500, 2000))
    settings.STORAGE_REDIRECT = True
    monkeypatch.setattr(PrivateFileStorage, "url", lambda self, name: f"https://s3.example/{name}")
    client = signed_in(alice)
    for image, name in ((large, large.rendition.name), (small, small.file.name)):
        response = client.get(screen_of(image))
        assert (response.status_code, response.url) == (302, f"https://s3.example/{name}")
        assert "no-store" in response["Cache-Control"]
    assert client.get(screen_of(not_yet)).status_code == 200
    assert AccessLog.objects.count() == 3


def test_a_picture_asks_the_database_as_seldom_as_the_original(
    alice: User, large: LesionImage
) -> None:
    client = signed_in(alice)

    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            body(client.get(reverse(name, args=[large.pk])))
        return len(asked)

    assert queries("image-screen") == queries("image-file") <= 6
