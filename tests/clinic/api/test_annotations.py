"""`/annotations/`: what programs may read, and what a dermatologist's script may write."""

import uuid

import pytest

from accounts.models import Organisation, User
from clinic.models import Annotation, LesionImage
from tests.api.senders import Sender, person
from tests.clinic.annotated import draw, ellipse, on_the_desk, rectangle
from tests.clinic.reading_cases import sign_as, waiting_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(northside: Organisation, dana: User) -> LesionImage:
    return on_the_desk(waiting_case(northside, answer="none", images=2), dana)


def keys(sender: Sender, **query: object) -> list[str]:
    answer = sender.get("/annotations/", **query)
    assert answer.status_code == 200, answer.content
    return sorted(row["id"] for row in answer.json()["results"])


def test_a_program_sees_annotations_once_their_read_is_signed(
    image: LesionImage, dana: User, dashboard: Sender, foreign_system: Sender
) -> None:
    row = draw(image, dana, target=ellipse())
    assert keys(person(dana)) == [str(row.key)]
    assert keys(dashboard) == []
    assert dashboard.get(f"/annotations/{row.key}/").status_code == 404
    sign_as(dana, image.case)
    assert keys(dashboard) == [str(row.key)]
    assert keys(foreign_system) == []
    shown = dashboard.get(f"/annotations/{row.key}/").json()
    document = shown["annotation"]
    assert (shown["id"], shown["version"], shown["label"]) == (str(row.key), 1, "globules")
    assert (shown["case"], shown["lesion"]) == (str(image.case_id), str(image.lesion_id))
    assert (shown["creator"], shown["stage"]) == ("Dana Demir", "draft")
    assert document["id"] == f"urn:uuid:{row.key}"
    assert document["target"]["selector"]["value"].startswith(
        '<svg xmlns="http://www.w3.org/2000/svg"><ellipse '
    )


def test_the_list_narrows_by_image_case_lesion_and_label(image: LesionImage, dana: User) -> None:
    other = image.case.images.select_related("case").exclude(pk=image.pk).get()
    first, second = draw(image, dana), draw(other, dana, label="streaks")
    dana_asks = person(dana)
    assert keys(dana_asks, image=image.pk) == [str(first.key)]
    assert keys(dana_asks, label="streaks") == [str(second.key)]
    both = sorted([str(first.key), str(second.key)])
    assert keys(dana_asks, case=image.case_id) == keys(dana_asks, lesion=image.lesion_id) == both
    assert dana_asks.get("/annotations/", label="freckle").status_code == 400


def test_a_script_of_a_reader_draws_changes_and_deletes(image: LesionImage, dana: User) -> None:
    dana_asks, key = person(dana), str(uuid.uuid4())
    body = {"id": key, "image": str(image.pk), "label": "streaks", "target": rectangle()}
    made = dana_asks.post("/annotations/", body)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert made["Location"].endswith(f"/api/v1/annotations/{key}/")
    changed = dana_asks.post("/annotations/", body | {"version": 1, "text": "Radial."})
    assert (changed.status_code, changed.json()["version"]) == (201, 2)
    assert changed.json()["annotation"]["created"] < changed.json()["annotation"]["modified"]
    assert dana_asks.delete(f"/annotations/{key}/?version=2").status_code == 204
    assert dana_asks.get(f"/annotations/{key}/").status_code == 404
    assert Annotation.objects.filter(key=key).count() == 3


def test_the_server_chooses_a_key_where_none_is_sent(image: LesionImage, dana: User) -> None:
    body = {"image": str(image.pk), "label": "streaks", "target": rectangle()}
    made = person(dana).post("/annotations/", body)
    assert Annotation.objects.get().key == uuid.UUID(made.json()["id"])


def test_one_idempotency_key_makes_one_annotation(image: LesionImage, dana: User) -> None:
    body = {"image": str(image.pk), "label": "streaks", "target": rectangle()}
    answers = [
        person(dana).post("/annotations/", body, Idempotency_Key="a-region") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Annotation.objects.count() == 1


def test_refusals_are_problems(
    image: LesionImage, dana: User, alice: User, bob: User, records_system: Sender
) -> None:
    row = draw(image, dana)
    body = {"image": str(image.pk), "label": "streaks", "target": rectangle()}
    dana_asks = person(dana)

    def refused(sender: Sender, **fields: object) -> tuple[int, str]:
        answer = sender.post("/annotations/", body | fields)
        assert answer["Content-Type"] == "application/problem+json"
        return answer.status_code, answer.json()["code"]

    assert refused(records_system) == (403, "not_allowed")
    assert refused(person(alice)) == (403, "not_allowed")
    assert refused(person(bob)) == (400, "invalid")
    assert refused(dana_asks, label="freckle") == (400, "invalid")
    assert refused(dana_asks, target=rectangle(900)) == (400, "annotation_outside")
    assert refused(dana_asks, target="all of it") == (400, "invalid")
    assert refused(dana_asks, version=-1) == (400, "invalid")
    assert refused(dana_asks, label="other") == (400, "no_text")
    assert refused(dana_asks, creator="Eve") == (400, "invalid")
    assert refused(dana_asks, id=str(row.key)) == (409, "annotation_changed")
    assert dana_asks.delete(f"/annotations/{row.key}/").status_code == 400
    for wrong in ("0", "-1", "x", "1&version=1", "9" * 5000):
        address = f"/annotations/{row.key}/?version={wrong}"
        assert dana_asks.delete(address).status_code == 400, wrong[:20]
    assert dana_asks.delete(f"/annotations/{row.key}/?version=7").status_code == 409
    assert person(alice).delete(f"/annotations/{row.key}/?version=1").status_code == 404
    assert Annotation.objects.count() == 1
