"""Renditions for the screen: who gets one, in which order, and what the record keeps."""

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts import doorbell
from accounts.models import Organisation, User
from clinic import tasks
from clinic.models import Case, LesionImage, PendingRendition
from clinic.models.image import NEEDS_RENDITION
from clinic.services import add_image, remove_image, start_case
from clinic.services.renditions import claim_rendition, fulfil_claim, ring_for_renditions
from clinic.tasks import make_renditions_task, sweep_renditions_task
from tests.clinic.imaging.pictures import heic, jpeg, telling_exif
from tests.factories import LesionFactory, LesionImageFactory, PatientFactory

pytestmark = pytest.mark.django_db

Add = Callable[[bytes], LesionImage]
LARGE = jpeg(2000, 1500)


@pytest.fixture
def draft(alice: User, northside: Organisation) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


@pytest.fixture
def add(draft: Case, alice: User) -> Add:
    lesion = LesionFactory(patient=draft.patient)
    return lambda content: add_image(case=draft, lesion=lesion, content=content, actor=alice)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Messages that would have been sent."""
    sent: list[object] = []
    monkeypatch.setattr(
        make_renditions_task, "apply_async", lambda *_, **options: sent.append(options)
    )
    return sent


def imported(content: bytes = LARGE, **fields: Any) -> LesionImage:
    """A row as the import writes it: stored in bulk, and nobody was asked for a rendition."""
    fields = {"width": 2000, "height": 1500, "source_reference": "ISIC_0000001"} | fields
    return LesionImageFactory(file=ContentFile(content, name="image.jpg"), **fields)


def shown(image: LesionImage) -> Image.Image:
    image.refresh_from_db()
    with image.rendition.open() as file:
        picture = Image.open(io.BytesIO(file.read()))
    picture.load()
    return picture


def files_of(image: LesionImage) -> list[str]:
    """What lies in the folder of an image's renditions."""
    folder = "renditions/" + image.file.name.split("/", 1)[1].rsplit("/", 1)[0]
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def test_a_large_picture_gets_a_rendition_beside_the_original_which_stays(add: Add) -> None:
    image = add(jpeg(2000, 1500, exif=telling_exif(6), comment=b"Jane Q. Patient"))
    with image.file.open() as file:
        before = file.read()

    assert make_renditions_task() == 1

    picture = shown(image)
    assert (picture.format, picture.size) == ("JPEG", (1200, 1600)), "upright, 1600 px long"
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
    assert image.rendition.name.startswith(f"renditions/{image.case.organisation_id}/")
    with image.file.open() as file:
        assert file.read() == before
    assert not PendingRendition.objects.exists()


def test_a_picture_that_fits_the_screen_gets_none_and_wakes_nobody(
    add: Add, rung: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        image = add(jpeg(1600, 1200))
    assert not image.needs_rendition
    assert not PendingRendition.objects.exists()
    assert not rung
    assert sweep_renditions_task() == "0 queued, 0 given up"


def test_a_small_picture_that_browsers_cannot_show_gets_one(add: Add) -> None:
    image = add(heic(320, 256))
    make_renditions_task()
    assert (shown(image).format, shown(image).size) == ("JPEG", (320, 256))


def test_an_upload_wakes_a_worker_once_it_is_stored(
    add: Add, rung: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add(LARGE)
        assert not rung
    assert len(rung) == 1


def test_people_come_before_a_data_set_and_then_whoever_came_first(add: Add) -> None:
    data_set = imported()
    sweep_renditions_task()
    first, second = add(LARGE), add(jpeg(1500, 2000))

    order = []
    while claimed := claim_rendition():
        order.append(claimed.image)
    assert order == [first, second, data_set]


def test_the_sweep_finds_what_was_stored_without_asking(rung: list[object]) -> None:
    image = imported()
    imported(width=600, height=450, source_reference="ISIC_0000002")

    assert sweep_renditions_task() == "1 queued, 0 given up"
    assert PendingRendition.objects.get().is_imported
    assert sweep_renditions_task() == "0 queued, 0 given up"
    assert make_renditions_task() == 1
    assert shown(image).size == (1600, 1200)
    assert sweep_renditions_task() == "0 queued, 0 given up"


def test_the_bell_is_a_message_that_a_worker_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue("celery")
        queue.clear()
        ring_for_renditions()
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["task"] == "clinic.tasks.make_renditions_task"
    assert message.headers["expires"]


def test_a_picture_that_takes_too_long_is_tried_again(
    add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_is_up(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    add(LARGE)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", time_is_up)
    assert make_renditions_task() == 0
    pending = PendingRendition.objects.get()
    assert (pending.attempts, pending.reason) == (1, "")


@pytest.mark.django_db(transaction=True)
def test_a_lost_message_is_sent_again_by_the_sweep(add: Add, rung: list[object]) -> None:
    add(LARGE)
    rung.clear()
    sweep_renditions_task()
    assert len(rung) == 1


@pytest.mark.django_db(transaction=True)
def test_a_long_queue_lets_other_tasks_have_their_turn(
    add: Add, rung: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(LARGE)
    add(jpeg(1500, 2000))
    rung.clear()
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1)

    assert make_renditions_task() == 1
    assert len(rung) == 1
    assert PendingRendition.objects.count() == 1


def test_a_picture_that_cannot_be_read_is_given_up_with_a_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    image = imported(LARGE[:5000])
    sweep_renditions_task()
    with caplog.at_level(logging.ERROR):
        assert make_renditions_task() == 0

    pending = PendingRendition.objects.get()
    assert pending.reason
    assert f"no rendition of image {image.pk}: {pending.reason}" in caplog.text
    assert claim_rendition() is None
    assert sweep_renditions_task() == "0 queued, 0 given up"


def test_a_picture_without_its_file_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    image = imported()
    image.file.storage.delete(image.file.name)
    sweep_renditions_task()
    make_renditions_task()
    assert PendingRendition.objects.get().reason == "The file of this image is not in storage."


def test_removing_an_image_takes_its_rendition_with_it(
    add: Add, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    image = add(LARGE)
    make_renditions_task()
    assert len(files_of(image)) == 1

    # The copy in hand is from before the rendition, as in a request that was already under way.
    with django_capture_on_commit_callbacks(execute=True):
        remove_image(image=image, actor=alice)
    assert files_of(image) == []


def test_an_image_that_is_removed_while_it_is_made_leaves_no_file(
    add: Add, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    image = add(LARGE)
    claimed = claim_rendition()
    assert claimed
    with image.file.open() as file:
        content = file.read()
    with django_capture_on_commit_callbacks(execute=True):
        remove_image(image=image, actor=alice)
    # The worker had read the original before it went.
    claimed.image.file.storage.save(claimed.image.file.name, ContentFile(content))

    assert fulfil_claim(claimed=claimed) is False
    assert files_of(image) == []
    assert not PendingRendition.objects.exists()


def test_each_picture_costs_the_worker_as_many_queries_as_the_one_before(add: Add) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            make_renditions_task()
        return len(asked)

    add(LARGE)
    one = queries()
    for height in (1501, 1502, 1503):
        add(jpeg(2000, height))
    three = queries()
    nothing = queries()
    assert (three - nothing) == 3 * (one - nothing)
    # Claim: select, update. Keep: delete, update. Each within its savepoint here.
    assert one - nothing <= 8


def test_the_sweep_asks_an_index_that_holds_only_what_is_missing() -> None:
    """With a hundred thousand pictures in the record, it must not look at each every minute."""
    missing = LesionImage.objects.filter(NEEDS_RENDITION, rendition="").order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "image_without_rendition" in missing.values("pk").explain()
