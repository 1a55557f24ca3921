"""Images into and out of a draft. (What the guard refuses has tests of its own.)"""

import uuid
from typing import Any

import pytest
from django.core.files.storage import default_storage, storages

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Case, Lesion, LesionImage
from clinic.services import add_image, move_image, register_lesion, remove_image, start_case
from clinic.services.images import DuplicateImage, change_image_kind
from clinic.signals import image_accepted
from tests.clinic.imaging.pictures import jpeg
from tests.factories import LesionFactory, PatientFactory

PICTURE = jpeg()


@pytest.fixture
def draft(northside: Organisation, alice: User) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


@pytest.fixture
def lesion(draft: Case, alice: User) -> Lesion:
    return register_lesion(patient=draft.patient, actor=alice, body_site="back")


@pytest.fixture
def image(draft: Case, lesion: Lesion, alice: User) -> LesionImage:
    return add_image(case=draft, lesion=lesion, content=PICTURE, actor=alice)


def test_an_image_is_stored_with_its_thumbnail_and_announced(
    draft: Case, lesion: Lesion, alice: User
) -> None:
    heard: list[LesionImage] = []

    def listen(images: list[LesionImage], **_: Any) -> None:
        heard.extend(images)

    image_accepted.connect(listen)
    try:
        image = add_image(case=draft, lesion=lesion, content=PICTURE, actor=alice)
    finally:
        image_accepted.disconnect(listen)
    assert heard == [image]
    assert (image.width, image.height, image.uploaded_by) == (160, 120, alice)
    assert default_storage.exists(image.file.name)
    assert default_storage.exists(image.thumbnail.name)


def test_what_is_no_image_is_refused_and_nothing_is_stored(
    draft: Case, lesion: Lesion, alice: User
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_image(case=draft, lesion=lesion, content=b"MZ not a picture", actor=alice)
    assert refusal.value.field == "file"
    assert not LesionImage.objects.exists()


def test_a_listener_that_fails_leaves_neither_row_nor_file(
    draft: Case, lesion: Lesion, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []
    storage = type(storages["default"])
    save = storage._save

    def remember(self: Any, name: str, content: Any) -> str:
        stored.append(save(self, name, content))
        return stored[-1]

    def fail(**_: Any) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(storage, "_save", remember)
    image_accepted.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="no queue"):
            add_image(case=draft, lesion=lesion, content=PICTURE, actor=alice)
    finally:
        image_accepted.disconnect(fail)
    assert not LesionImage.objects.exists()
    assert len(stored) == 2
    assert not any(default_storage.exists(name) for name in stored)


def test_the_same_picture_is_not_stored_twice_and_the_refusal_says_where_it_is(
    draft: Case, image: LesionImage, alice: User
) -> None:
    other = register_lesion(patient=draft.patient, actor=alice, body_site="face")
    with pytest.raises(DuplicateImage, match="already in the case, on lesion 1"):
        add_image(case=draft, lesion=other, content=PICTURE, actor=alice)
    assert LesionImage.objects.count() == 1


def test_an_upload_repeated_with_its_key_is_the_same_image(
    draft: Case, lesion: Lesion, alice: User
) -> None:
    key = uuid.uuid4()
    first = add_image(case=draft, lesion=lesion, content=PICTURE, actor=alice, key=key)
    again = add_image(case=draft, lesion=lesion, content=PICTURE, actor=alice, key=key)
    assert first == again
    assert LesionImage.objects.count() == 1


def test_an_image_goes_on_a_lesion_of_the_same_patient_only(
    draft: Case, image: LesionImage, alice: User
) -> None:
    strange = LesionFactory()
    with pytest.raises(InvalidInput, match="belongs to another patient"):
        add_image(case=draft, lesion=strange, content=jpeg(seed=2), actor=alice)
    with pytest.raises(InvalidInput, match="belongs to another patient"):
        move_image(image=image, lesion=strange, actor=alice)


def test_an_image_moves_changes_its_kind_and_goes(
    draft: Case, image: LesionImage, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    other = register_lesion(patient=draft.patient, actor=alice, body_site="face")
    move_image(image=image, lesion=other, actor=alice)
    change_image_kind(image=image, kind="overview", actor=alice)
    image.refresh_from_db()
    assert (image.lesion, image.kind) == (other, "overview")
    with django_capture_on_commit_callbacks(execute=True):
        remove_image(image=image, actor=alice)
    assert not LesionImage.objects.exists()
    assert not default_storage.exists(image.file.name)
    assert not default_storage.exists(image.thumbnail.name)


@pytest.mark.parametrize("kind", ["x-ray", ""])
def test_a_kind_that_does_not_exist_is_refused(
    draft: Case, lesion: Lesion, image: LesionImage, alice: User, kind: str
) -> None:
    with pytest.raises(InvalidInput, match="Say how the image was taken"):
        add_image(case=draft, lesion=lesion, content=jpeg(seed=2), actor=alice, kind=kind)
    with pytest.raises(InvalidInput, match="Say how the image was taken"):
        change_image_kind(image=image, kind=kind, actor=alice)


def test_the_images_of_a_submitted_case_stay_as_they_are(
    draft: Case, lesion: Lesion, image: LesionImage, alice: User
) -> None:
    Case.objects.filter(pk=draft.pk).update(state="submitted", submitted_at=draft.created_at)
    acts = (
        lambda: add_image(case=draft, lesion=lesion, content=jpeg(seed=2), actor=alice),
        lambda: move_image(image=image, lesion=lesion, actor=alice),
        lambda: change_image_kind(image=image, kind="overview", actor=alice),
        lambda: remove_image(image=image, actor=alice),
    )
    for act in acts:
        with pytest.raises(Conflict, match="can no longer be changed"):
            act()
    assert LesionImage.objects.count() == 1


def test_only_who_works_there_touches_images(
    draft: Case, lesion: Lesion, image: LesionImage, ada: User, bob: User
) -> None:
    for person in (ada, bob):
        acts = (
            lambda who=person: add_image(
                case=draft, lesion=lesion, content=jpeg(seed=2), actor=who
            ),
            lambda who=person: move_image(image=image, lesion=lesion, actor=who),
            lambda who=person: change_image_kind(image=image, kind="overview", actor=who),
            lambda who=person: remove_image(image=image, actor=who),
        )
        for act in acts:
            with pytest.raises(NotAllowed):
                act()
    assert LesionImage.objects.count() == 1
