"""Images into a draft: what is refused says why, stores nothing and loses nothing else."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Organisation, User
from clinic.models import Case, Lesion, LesionImage
from clinic.services import cancel_case, start_case
from clinic.views import upload_handler, uploads
from inference.models import Prediction
from tests.cast import signed_in
from tests.clinic.imaging import pictures
from tests.clinic.imaging.pictures import jpeg, photograph, saved
from tests.clinic.views.sending import SCRIPT, file, picture, send, stored_files
from tests.factories import LesionFactory, ModelVersionFactory, PatientFactory


@pytest.fixture
def draft(northside: Organisation, alice: User) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


@pytest.fixture
def lesion(draft: Case) -> Lesion:
    return LesionFactory(patient=draft.patient)


def test_an_image_is_stored_and_asked_about(alice: User, draft: Case, lesion: Lesion) -> None:
    model = ModelVersionFactory()
    response = send(signed_in(alice), draft, lesion, file(jpeg(640, 480)), kind="overview")
    assert response.status_code == 201
    image = draft.images.get()
    assert (image.lesion, image.kind, image.uploaded_by) == (lesion, "overview", alice)
    assert (image.width, image.height, image.media_type) == (640, 480, "image/jpeg")
    [tile] = response.json()["images"]
    assert tile["id"] == str(image.pk)
    assert reverse("image-thumbnail", args=[image.pk]) in tile["html"]
    assert Prediction.objects.get().model_version == model


def test_a_finding_about_the_quality_is_said_with_the_tile(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    dark = saved(photograph(640, 480).point(lambda v: v // 6), "JPEG", quality=90)
    [tile] = send(signed_in(alice), draft, lesion, file(dark)).json()["images"]
    assert "Very dark: add light" in tile["html"]


def test_a_file_that_is_too_large_is_skipped_while_it_arrives(
    alice: User, draft: Case, lesion: Lesion, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = upload_handler.DEFAULT_LIMITS.__class__(max_bytes=100_000)
    monkeypatch.setattr(upload_handler, "DEFAULT_LIMITS", small)
    response = send(signed_in(alice), draft, lesion, file(b"\xff\xd8" + bytes(200_000)))
    assert response.status_code == 413
    assert "larger than 30 MB" in response.json()["detail"]
    assert LesionImage.objects.count() == 0
    # The other files of the same post go on.
    response = send(
        signed_in(alice),
        draft,
        lesion,
        file(b"\xff\xd8" + bytes(200_000), "large.jpg"),
        file(picture(1), "good.jpg"),
    )
    assert response.status_code == 413
    assert len(response.json()["images"]) == 1
    assert draft.images.count() == 1


def test_a_request_beyond_the_limit_is_not_read(
    alice: User, draft: Case, lesion: Lesion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_REQUEST_BYTES", 1_000)
    response = send(signed_in(alice), draft, lesion, file(picture(1)))
    assert response.status_code == 413
    assert "send fewer at once" in response.json()["detail"]
    page = send(signed_in(alice), draft, lesion, file(picture(1)), script=False)
    assert page.status_code == 413
    assert "send fewer at once" in page.content.decode()


def test_the_same_picture_is_warned_of_and_not_stored_twice(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    client = signed_in(alice)
    send(client, draft, lesion, file(jpeg()))
    before = stored_files()
    # The same picture, as another programme saved its metadata.
    again = pictures.with_segments(jpeg(), pictures.jpeg_segment(0xFE, b"a comment"))
    other = LesionFactory(patient=draft.patient)
    response = send(client, draft, other, file(again))
    assert response.status_code == 409
    assert response.json()["code"] == "duplicate_image"
    assert "already in the case, on lesion 1" in response.json()["detail"]
    assert draft.images.count() == 1
    assert stored_files() == before


def test_a_retry_with_the_same_key_stores_nothing_new(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    client, key = signed_in(alice), str(uuid.uuid4())
    answers = [send(client, draft, lesion, file(jpeg()), key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["images"][0]["id"] == answers[1].json()["images"][0]["id"] == key
    assert draft.images.count() == 1


def test_a_form_with_several_files_takes_the_good_and_names_the_bad(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    response = send(
        signed_in(alice),
        draft,
        lesion,
        file(picture(1), "one.jpg"),
        file(b"nothing", "two.jpg"),
        file(picture(3), "three.jpg"),
        script=False,
    )
    page = response.content.decode()
    assert response.status_code == 400
    assert "two.jpg" in page
    assert "one.jpg" not in page
    assert draft.images.count() == 2


def test_a_form_with_good_files_goes_back_to_the_draft(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    response = send(
        signed_in(alice), draft, lesion, file(picture(1)), file(picture(2)), script=False
    )
    assert response.status_code == 302
    assert response.url == f"{reverse('case-draft', args=[draft.pk])}#lesion-{lesion.pk}"
    assert draft.images.count() == 2


def test_a_post_without_a_file_says_so(alice: User, draft: Case, lesion: Lesion) -> None:
    response = send(signed_in(alice), draft, lesion)
    assert response.status_code == 400
    assert response.json()["detail"].startswith("No file arrived")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"lesion": "nonsense"}, 400),
        ({"lesion": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"kind": "x-ray"}, 400),
        ({"key": "nonsense"}, 400),
    ],
)
def test_a_tampered_form_is_refused(
    alice: User, draft: Case, lesion: Lesion, fields: dict[str, str], status: int
) -> None:
    payload = {"lesion": str(lesion.pk), "files": file(jpeg())} | fields
    address = reverse("image-upload", args=[draft.pk])
    response = signed_in(alice).post(address, payload, headers=SCRIPT)
    assert response.status_code == status
    assert LesionImage.objects.count() == 0


def test_a_lesion_of_another_patient_is_refused(
    alice: User, draft: Case, northside: Organisation
) -> None:
    stranger = LesionFactory(patient=PatientFactory(organisation=northside))
    response = send(signed_in(alice), draft, stranger, file(jpeg()))
    assert response.status_code == 400
    assert "another patient" in response.json()["detail"]
    assert LesionImage.objects.count() == 0


def test_a_case_that_is_no_draft_takes_no_image(alice: User, draft: Case, lesion: Lesion) -> None:
    cancel_case(case=draft, actor=alice, reason="Wrong patient.")
    response = send(signed_in(alice), draft, lesion, file(jpeg()))
    assert response.status_code == 409
    assert "can no longer be changed" in response.json()["detail"]
    assert LesionImage.objects.count() == 0


def test_a_session_that_ended_in_mid_upload_is_told_to_the_script(
    draft: Case, lesion: Lesion
) -> None:
    response = send(Client(), draft, lesion, file(jpeg()))
    assert response.status_code == 401
    assert response.json()["detail"].startswith("Your session has ended. Sign in in a new tab")
    assert LesionImage.objects.count() == 0


def test_a_session_that_ended_leads_a_form_to_the_sign_in_page(draft: Case, lesion: Lesion) -> None:
    response = send(Client(), draft, lesion, file(jpeg()), script=False)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_post_without_the_token_of_the_page_is_refused(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = send(client, draft, lesion, file(jpeg()))
    assert response.status_code == 403
    assert LesionImage.objects.count() == 0


def test_neither_strangers_nor_administrators_add_images(
    bob: User, ada: User, draft: Case, lesion: Lesion
) -> None:
    assert send(signed_in(bob), draft, lesion, file(jpeg())).status_code == 404
    answer = send(signed_in(ada), draft, lesion, file(jpeg()))
    assert answer.status_code == 403
    assert "Only clinicians or dermatologists" in answer.json()["detail"]
    assert LesionImage.objects.count() == 0


def test_a_name_of_a_file_is_never_a_path(alice: User, draft: Case, lesion: Lesion) -> None:
    send(signed_in(alice), draft, lesion, file(jpeg(), "../../etc/passwd.jpg"))
    name = draft.images.get().file.name
    assert name.startswith(f"images/{draft.organisation_id}/")
    assert "passwd" not in name


def test_the_pixels_of_a_picture_are_those_that_were_sent(
    alice: User, draft: Case, lesion: Lesion
) -> None:
    sent = jpeg(320, 240)
    send(signed_in(alice), draft, lesion, file(sent))
    with draft.images.get().file.open() as stored:
        assert Image.open(stored).tobytes() == pictures.decoded(sent).tobytes()
