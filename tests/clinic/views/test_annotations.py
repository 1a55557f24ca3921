"""What the stage's script asks and is told."""

import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.models import Organisation, User
from clinic.annotation.vocabulary import LABELS
from clinic.models import AccessLog, Annotation, LesionImage
from tests.cast import signed_in
from tests.clinic.annotated import draw, ellipse, on_the_desk, rectangle
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case

SCRIPT = {"accept": "application/json"}


@pytest.fixture
def image(northside: Organisation, dana: User) -> LesionImage:
    """On Dana's desk, 640 x 480 px."""
    return on_the_desk(waiting_case(northside, answer="none"), dana)


def listed(user: User, image: LesionImage) -> dict[str, Any]:
    response = signed_in(user).get(reverse("annotation-list", args=[image.pk]))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    return response.json()


def put(
    user: User, image: LesionImage, key: uuid.UUID, body: Any = None, **fields: Any
) -> HttpResponse:
    sent = {"version": 0, "label": "globules", "text": "", "target": rectangle()} | fields
    return signed_in(user).put(
        reverse("annotation", args=[image.pk, key]),
        json.dumps(sent) if body is None else body,
        content_type="application/json",
        headers=SCRIPT,
    )


def delete(user: User, image: LesionImage, key: uuid.UUID, version: object) -> HttpResponse:
    address = f"{reverse('annotation', args=[image.pk, key])}?version={version}"
    return signed_in(user).delete(address, headers=SCRIPT)


# ---- The list ----------------------------------------------------------------------------------


def test_the_list_holds_web_annotations_whose_who_and_when_the_server_says(
    image: LesionImage, dana: User
) -> None:
    first = draw(image, dana, label="streaks", text="Radial.")
    row = draw(image, dana, key=first.key, version=1, label="streaks", text="At the edge.")
    shown = listed(dana, image)
    assert shown["may_annotate"] is True
    (found,) = shown["annotations"]
    document = found.pop("annotation")
    assert found == {
        "key": str(row.key), "version": 2, "label": "streaks", "text": "At the edge.",
        "creator": "Dana Demir", "mine": True, "deleted": False,
    }  # fmt: skip
    assert document["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert (document["id"], document["type"]) == (f"urn:uuid:{row.key}", "Annotation")
    assert document["creator"] == {
        "id": f"urn:uuid:{dana.pk}", "type": "Person", "name": "Dana Demir",
    }  # fmt: skip
    assert document["created"][:19] == first.created_at.isoformat()[:19]
    assert document["created"].endswith("Z")
    assert document["modified"] > document["created"]
    assert [(body["purpose"], body["value"]) for body in document["body"]] == [
        ("tagging", "streaks"), ("commenting", "At the edge."),
    ]  # fmt: skip
    assert document["target"] == {"source": f"urn:uuid:{image.pk}", "selector": row.target}


def test_annotorious_gets_an_ellipse_that_it_can_read(image: LesionImage, dana: User) -> None:
    row = draw(image, dana, target=ellipse(100, 90, 40, 20))
    selector = listed(dana, image)["annotations"][0]["annotation"]["target"]["selector"]
    assert selector["value"] == '<svg><ellipse cx="100" cy="90" rx="40" ry="20" /></svg>'
    row.refresh_from_db()
    assert 'xmlns="http://www.w3.org/2000/svg"' in row.target["value"]


def test_others_see_what_is_signed_and_cannot_draw(
    northside: Organisation, image: LesionImage, dana: User, alice: User
) -> None:
    erin = second_dermatologist(northside)
    draw(image, dana)
    for person in (erin, alice):
        assert listed(person, image) == {"annotations": [], "may_annotate": False}
    sign_as(dana, image.case)
    for person in (erin, alice, dana):
        shown = listed(person, image)
        assert shown["may_annotate"] is False
        assert [row["mine"] for row in shown["annotations"]] == [person == dana]


def test_fifty_annotations_take_as_many_queries_as_one(northside: Organisation, dana: User) -> None:
    counts = []
    for number in (1, 50):
        image = on_the_desk(waiting_case(northside, answer="none"), dana)
        for _ in range(number):
            draw(image, dana, target=ellipse())
        client = signed_in(dana)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(reverse("annotation-list", args=[image.pk])).json()
        assert len(shown["annotations"]) == number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


# ---- Changes -----------------------------------------------------------------------------------


def test_a_new_annotation_is_201_a_change_200_a_deletion_says_its_version(
    image: LesionImage, dana: User
) -> None:
    key = uuid.uuid4()
    made = put(dana, image, key)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    changed = put(dana, image, key, version=1, label="streaks", target=ellipse())
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert changed.json() == listed(dana, image)["annotations"][0]
    deleted = delete(dana, image, key, 2)
    assert (deleted.status_code, deleted.json()) == (200, {"key": str(key), "version": 3})
    back = put(dana, image, key, version=3)
    assert (back.status_code, back.json()["version"]) == (200, 4)
    assert Annotation.objects.count() == 4


def test_what_the_browser_claims_about_who_and_when_is_dropped(
    image: LesionImage, dana: User
) -> None:
    target = rectangle() | {"source": "https://elsewhere.example/x.jpg", "creator": "Eve"}
    made = put(dana, image, uuid.uuid4(), target=target, creator="Eve", created="1999-01-01").json()
    assert "Eve" not in json.dumps(made)
    assert made["annotation"]["target"]["source"] == f"urn:uuid:{image.pk}"


def test_an_old_version_is_409_with_the_newest_beside_it(image: LesionImage, dana: User) -> None:
    row = draw(image, dana)
    put(dana, image, row.key, version=1, label="streaks")
    for response in (put(dana, image, row.key, version=1), delete(dana, image, row.key, 1)):
        assert response.status_code == 409
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["code"] == "annotation_changed"
        assert problem["current"] == listed(dana, image)["annotations"][0]


def test_a_conflict_with_a_deletion_says_that_it_is_gone(image: LesionImage, dana: User) -> None:
    row = draw(image, dana)
    delete(dana, image, row.key, 1)
    current = put(dana, image, row.key, version=1, label="streaks").json()["current"]
    assert (current["deleted"], current["version"], current["annotation"]) == (True, 2, None)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "7", '"text"', "{}", '{"version": NaN}', "[" * 100_000, b"\xff\xfe",
     '{"version": 0, "label": "globules", "text": "", "target": null}',
     '{"version": true, "label": "globules", "text": "", "target": {}}',
     '{"version": 1.5, "label": "globules", "text": "", "target": {}}',
     '{"version": -1, "label": "globules", "text": "", "target": {}}',
     '{"version": 99999999999999999999, "label": "globules", "text": "", "target": {}}',
     '{"version": 0, "label": ["globules"], "text": "", "target": {}}',
     '{"version": 0, "label": "globules", "text": 7, "target": {}}',
     '{"version": 0, "label": "globules", "text": "", "target": {}}'],
)  # fmt: skip
def test_a_body_that_is_no_change_is_a_sentence(
    image: LesionImage, dana: User, body: str | bytes
) -> None:
    response = put(dana, image, uuid.uuid4(), body=body)
    assert response.status_code == 400
    assert response.json()["detail"].endswith(".")
    assert not Annotation.objects.exists()


def test_a_body_that_is_too_large_is_413(image: LesionImage, dana: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = put(dana, image, uuid.uuid4(), text="x" * 2000)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_refusal_names_its_field(image: LesionImage, dana: User) -> None:
    problem = put(dana, image, uuid.uuid4(), target=rectangle(700, 1, 5, 5)).json()
    assert (problem["code"], problem["field"]) == ("annotation_outside", "target")
    assert problem["detail"] == "This annotation lies outside the image (640 × 480 pixels)."
    assert delete(dana, image, uuid.uuid4(), "x").json()["field"] == "version"


def test_a_post_from_another_site_is_refused(image: LesionImage, dana: User) -> None:
    client = signed_in(dana)
    client.handler.enforce_csrf_checks = True
    address = reverse("annotation", args=[image.pk, uuid.uuid4()])
    assert client.put(address, "{}", content_type="application/json").status_code == 403
    assert client.delete(f"{address}?version=1").status_code == 403


# ---- Masks -------------------------------------------------------------------------------------


def masks(user: User, image: LesionImage, **params: object) -> dict[str, Image.Image]:
    response = signed_in(user).get(reverse("image-masks", args=[image.pk]), params)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as archive:
        return {name: Image.open(io.BytesIO(archive.read(name))) for name in archive.namelist()}


def test_masks_have_the_size_of_the_image_and_what_was_drawn(
    image: LesionImage, dana: User
) -> None:
    draw(image, dana, label="lesion_border", target=rectangle(100, 100, 200, 150))
    draw(image, dana, target=rectangle(0, 0, 10, 10))
    draw(image, dana, target=rectangle(20, 0, 10, 10))
    found = masks(dana, image)
    assert list(found) == [f"{image.pk}_segmentation.png", f"{image.pk}_attribute_globules.png"]
    border, globules = found.values()
    assert border.size == globules.size == (640, 480)
    assert border.getbbox() == (100, 100, 300, 250)
    assert globules.histogram()[255] == 200
    log = AccessLog.objects.get()
    assert (log.user, log.image, log.action) == (dana, image, "masks")


def test_masks_of_an_imported_image_have_its_isic_name(image: LesionImage, dana: User) -> None:
    LesionImage.objects.update(source_reference="ISIC_0024306")
    draw(image, dana, label="negative_network")
    assert list(masks(dana, image)) == ["ISIC_0024306_attribute_negative_network.png"]


def test_masks_of_one_reader_or_one_reading(
    northside: Organisation, image: LesionImage, dana: User, alice: User
) -> None:
    row = draw(image, dana)
    assert masks(alice, image) == {}  # nothing is signed yet
    sign_as(dana, image.case)
    assert len(masks(alice, image)) == 1
    assert masks(alice, image, mine="1") == {}
    assert len(masks(dana, image, mine="1")) == 1
    assert len(masks(alice, image, reading=row.reading_id)) == 1
    assert masks(alice, image, reading=uuid.uuid4()) == {}
    address = reverse("image-masks", args=[image.pk])
    assert signed_in(dana).get(address, {"reading": "x"}, headers=SCRIPT).status_code == 400


def test_the_vocabulary_reaches_the_page() -> None:
    page = Template(
        '{% load annotations %}{% annotation_vocabulary as labels %}{{ labels|json_script:"v" }}'
    ).render(Context())
    menu = json.loads(page.partition(">")[2].rpartition("<")[0])
    assert [entry["code"] for entry in menu] == [label.code for label in LABELS]
    assert menu[1] == {
        "code": "pigment_network", "name": "Pigment network", "group": "structure",
        "group_name": "Structures", "needs_text": False,
    }  # fmt: skip
