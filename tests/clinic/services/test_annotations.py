"""Drawing: versions, conflicts, tombstones, and who may."""

import threading
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Annotation, Case, LesionImage, Reading
from clinic.selectors.annotations import annotating_reading, visible_annotations
from clinic.selectors.signatures import is_intact
from clinic.services import annotations
from clinic.services.annotations import AnnotationChanged, delete_annotation
from clinic.services.reading import assign_case, commit_reading, release_case, save_read
from tests.clinic.annotated import draw, ellipse, on_the_desk, rectangle
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import diagnosis


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


@pytest.fixture
def image(case: Case, dana: User) -> LesionImage:
    """On Dana's desk."""
    return on_the_desk(case, dana)


def versions(key: uuid.UUID) -> list[tuple[int, str, bool]]:
    rows = Annotation.objects.filter(key=key).order_by("version")
    return list(rows.values_list("version", "label", "is_deleted"))


# ---- Versions ----------------------------------------------------------------------------------


def test_the_server_says_who_drew_what_in_which_reading(image: LesionImage, dana: User) -> None:
    row = draw(image, dana, label="streaks", text=" Radial. ", target=rectangle(1, 2, 3, 4))
    row.refresh_from_db()
    assert (row.creator, row.image, row.reading.reader) == (dana, image, dana)
    assert (row.label, row.text, row.version, row.stage) == ("streaks", "Radial.", 1, "draft")
    assert row.target["value"] == "xywh=pixel:1,2,3,4"
    assert row.points == [[1, 2], [4, 2], [4, 6], [1, 6]]


def test_each_change_is_a_version_and_the_old_one_stays(image: LesionImage, dana: User) -> None:
    first = draw(image, dana)
    second = draw(image, dana, key=first.key, version=1, label="streaks")
    draw(image, dana, key=first.key, version=2, label="streaks", target=ellipse())
    assert versions(first.key) == [(1, "globules", False), (2, "streaks", False),
                                   (3, "streaks", False)]  # fmt: skip
    second.refresh_from_db()
    assert second.target["value"] == "xywh=pixel:10,20,30,40"
    assert [row.version for row in visible_annotations(dana)] == [3]


def test_the_same_change_sent_twice_makes_one_version(image: LesionImage, dana: User) -> None:
    key = uuid.uuid4()
    first = draw(image, dana, key=key)
    assert draw(image, dana, key=key) == first  # the answer was lost
    assert draw(image, dana, key=key, version=1) == first  # nothing changed
    second = draw(image, dana, key=key, version=1, text="More.")
    assert draw(image, dana, key=key, version=1, text="More.") == second
    assert len(versions(key)) == 2


def test_a_change_to_an_old_version_is_a_conflict_that_shows_the_newest(
    image: LesionImage, dana: User
) -> None:
    first = draw(image, dana)
    newest = draw(image, dana, key=first.key, version=1, label="streaks")
    for version in (0, 1, 7):
        with pytest.raises(AnnotationChanged) as conflict:
            draw(image, dana, key=first.key, version=version, label="pigment_network")
        assert conflict.value.current == newest
    assert len(versions(first.key)) == 2


def test_deleting_leaves_a_tombstone_that_can_be_undone(image: LesionImage, dana: User) -> None:
    first = draw(image, dana)
    grave = delete_annotation(image=image, actor=dana, key=first.key, version=1)
    assert delete_annotation(image=image, actor=dana, key=first.key, version=1) == grave
    assert grave.version == 2
    assert not visible_annotations(dana).exists()
    with pytest.raises(AnnotationChanged, match="deleted in another window"):
        draw(image, dana, key=first.key, version=1, label="streaks")
    draw(image, dana, key=first.key, version=2)
    assert versions(first.key) == [(1, "globules", False), (2, "globules", True),
                                   (3, "globules", False)]  # fmt: skip
    assert visible_annotations(dana).get().version == 3


def test_deleting_what_has_changed_is_a_conflict(image: LesionImage, dana: User) -> None:
    first = draw(image, dana)
    draw(image, dana, key=first.key, version=1, text="More.")
    with pytest.raises(AnnotationChanged):
        delete_annotation(image=image, actor=dana, key=first.key, version=1)
    with pytest.raises(InvalidInput, match="no such annotation"):
        delete_annotation(image=image, actor=dana, key=uuid.uuid4(), version=1)


def test_a_first_version_that_is_based_on_another_is_refused(
    image: LesionImage, dana: User
) -> None:
    with pytest.raises(InvalidInput, match="based on version 0"):
        draw(image, dana, version=3)


def test_no_version_can_be_changed_or_deleted_by_anybody(image: LesionImage, dana: User) -> None:
    row = draw(image, dana)
    for change in (
        lambda: Annotation.objects.filter(pk=row.pk).update(label="streaks"),
        row.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="annotation_version_once"), transaction.atomic():
        Annotation.objects.create(
            key=row.key, image=image, reading=row.reading, creator=dana, label="x", target={"a": 1}
        )


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_save_at_once_make_one_version_and_one_conflict(
    case: Case, dana: User
) -> None:
    image = on_the_desk(case, dana)
    first = draw(image, dana)
    together, results = threading.Barrier(6), []

    def save(number: int) -> None:
        together.wait()
        try:
            results.append(draw(image, dana, key=first.key, version=1, text=f"Window {number}."))
        except AnnotationChanged as changed:
            results.append(changed.current)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len({(row.version, row.text) for row in results}) == 1
    assert len(versions(first.key)) == 2


# ---- What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"label": "freckle"}, "label", "Choose a label"),
        ({"label": ""}, "label", "Choose a label"),
        ({"label": "other"}, "text", "Say in words"),
        ({"label": "other", "text": "  "}, "text", "Say in words"),
        ({"text": "x" * 1001}, "text", "under 1,000 characters"),
        ({"text": "a\x00b"}, "text", "character that no text has"),
        ({"text": "a\ud800b"}, "text", "character that no text has"),
        ({"target": rectangle(630, 1, 40, 5)}, "target", "outside the image"),
        ({"target": {"selector": "nonsense"}}, "target", "no region that can be read"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_stores_nothing(
    image: LesionImage, dana: User, sent: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        draw(image, dana, **sent)
    assert refused.value.field == field
    assert not Annotation.objects.exists()


def test_an_image_holds_so_many_annotations_and_deleting_makes_room(
    image: LesionImage, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotations, "MOST_ON_AN_IMAGE", 2)
    first, _ = draw(image, dana), draw(image, dana, target=ellipse())
    draw(image, dana, key=first.key, version=1, label="streaks")  # a change needs no room
    with pytest.raises(InvalidInput, match="holds 2 annotations"):
        draw(image, dana)
    delete_annotation(image=image, actor=dana, key=first.key, version=2)
    draw(image, dana)
    with pytest.raises(InvalidInput, match="holds 2 annotations"):
        draw(image, dana, key=first.key, version=3)  # the deleted one cannot come back


# ---- Who may draw, and until when --------------------------------------------------------------


@pytest.mark.parametrize("person", ["alice", "ada"])
def test_only_dermatologists_draw(
    image: LesionImage, person: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        draw(image, request.getfixturevalue(person))


def test_whoever_has_not_opened_the_case_does_not_draw_on_it(case: Case, dana: User) -> None:
    image = case.images.select_related("case").get()
    with pytest.raises(NotAllowed, match="Open this case from the worklist"):
        draw(image, dana)
    assert not annotating_reading(dana, case).exists()
    assert not Reading.objects.exists()


def test_nobody_draws_on_what_lies_on_a_colleagues_desk(
    northside: Organisation, case: Case, dana: User
) -> None:
    erin = second_dermatologist(northside)
    image = on_the_desk(case, dana)
    first = draw(image, dana)
    release_case(case=case, reader=dana)
    assign_case(case=case, reader=erin)
    assert not annotating_reading(dana, case).exists()
    with pytest.raises(NotAllowed, match="Erin Eriksen has been reading"):
        draw(image, dana)
    with pytest.raises(NotAllowed, match="your own open reading"):
        draw(image, erin, key=first.key, version=1)
    with pytest.raises(NotAllowed, match="your own open reading"):
        delete_annotation(image=image, actor=erin, key=first.key, version=1)
    assert versions(first.key) == [(1, "globules", False)]


def test_drawing_takes_a_case_back_whose_lock_ran_out_if_nobody_has_it(
    image: LesionImage, dana: User
) -> None:
    Reading.objects.update(lock_expires_at=timezone.now())
    assert annotating_reading(dana, image.case).exists()
    draw(image, dana)
    assert Reading.objects.get().holds_at(timezone.now())


def test_a_key_belongs_to_one_image(northside: Organisation, dana: User) -> None:
    case = waiting_case(northside, images=2, answer="none")
    image = on_the_desk(case, dana)
    other = case.images.select_related("case").exclude(pk=image.pk).get()
    row = draw(image, dana)
    with pytest.raises(NotAllowed):
        draw(other, dana, key=row.key, version=1)


def test_drawing_goes_on_after_the_commit_and_the_row_says_so(
    image: LesionImage, dana: User
) -> None:
    case = image.case
    first = draw(image, dana)
    save_read(
        case=case, lesion=image.lesion, reader=dana,
        diagnosis=diagnosis("nevus"), management="discharge",
    )  # fmt: skip
    commit_reading(case=case, reader=dana)
    draw(image, dana, key=first.key, version=1, label="streaks")
    stages = Annotation.objects.order_by("version").values_list("stage", flat=True)
    assert list(stages) == ["draft", "committed"]


def test_nothing_is_drawn_into_a_signed_reading_and_its_digest_stays_right(
    image: LesionImage, dana: User
) -> None:
    row = draw(image, dana)
    reading = sign_as(dana, image.case)
    assert not annotating_reading(dana, image.case).exists()
    for attempt in (
        lambda: draw(image, dana),
        lambda: draw(image, dana, key=row.key, version=1, label="streaks"),
        lambda: delete_annotation(image=image, actor=dana, key=row.key, version=1),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert versions(row.key) == [(1, "globules", False)]
    assert is_intact(Reading.objects.get(pk=reading.pk))
