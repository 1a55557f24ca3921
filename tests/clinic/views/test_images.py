"""Moving, naming and removing images of a draft."""

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage
from clinic.services import add_image, start_case, submit_case
from tests.cast import signed_in
from tests.clinic.imaging.pictures import jpeg
from tests.factories import LesionFactory, PatientFactory

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def draft(northside: Organisation, alice: User) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


@pytest.fixture
def image(draft: Case, alice: User) -> LesionImage:
    lesion = LesionFactory(patient=draft.patient)
    return add_image(case=draft, lesion=lesion, content=jpeg(), actor=alice)


def test_an_image_moves_to_another_lesion(alice: User, draft: Case, image: LesionImage) -> None:
    other = LesionFactory(patient=draft.patient)
    address, form = reverse("image-move", args=[image.pk]), {"lesion": str(other.pk)}
    response = signed_in(alice).post(address, form, headers=SCRIPT)
    assert f'hx-swap-oob="beforeend:#tiles-{other.pk}"' in response.content.decode()
    image.refresh_from_db()
    assert image.lesion == other
    assert signed_in(alice).post(address, form).url == reverse("case-draft", args=[draft.pk])


@pytest.mark.parametrize(
    ("lesion", "status"), [("x", 400), ("00000000-0000-4000-8000-000000000000", 404)]
)
def test_an_image_moves_nowhere_unknown(
    alice: User, image: LesionImage, lesion: str, status: int
) -> None:
    address = reverse("image-move", args=[image.pk])
    response = signed_in(alice).post(address, {"lesion": lesion})
    assert response.status_code == status


def test_an_image_does_not_move_to_another_patient(
    alice: User, image: LesionImage, northside: Organisation
) -> None:
    stranger = LesionFactory(patient=PatientFactory(organisation=northside))
    address = reverse("image-move", args=[image.pk])
    response = signed_in(alice).post(address, {"lesion": str(stranger.pk)}, headers=SCRIPT)
    assert response.status_code == 400
    assert "another patient" in response.json()["detail"]


def test_an_image_is_called_by_another_kind(alice: User, image: LesionImage) -> None:
    address = reverse("image-kind", args=[image.pk])
    client = signed_in(alice)
    tile = client.post(address, {"kind": "overview"}, headers=SCRIPT).content.decode()
    assert '<option value="overview" selected>' in tile
    assert client.post(address, {"kind": "x-ray"}, headers=SCRIPT).status_code == 400
    image.refresh_from_db()
    assert image.kind == "overview"


@pytest.mark.django_db(transaction=True)
def test_a_removed_image_is_gone_with_its_files(
    alice: User, draft: Case, image: LesionImage
) -> None:
    address = reverse("image-remove", args=[image.pk])
    client = signed_in(alice)
    assert client.post(address, headers=SCRIPT).status_code == 200
    assert draft.images.count() == 0
    assert not image.file.storage.exists(image.file.name)
    assert not image.thumbnail.storage.exists(image.thumbnail.name)
    assert client.post(address, headers=SCRIPT).status_code == 404


def test_an_image_of_a_submitted_case_stays(alice: User, draft: Case, image: LesionImage) -> None:
    submit_case(case=draft, actor=alice)
    for name, form in [("image-remove", {}), ("image-kind", {"kind": "overview"})]:
        address = reverse(name, args=[image.pk])
        response = signed_in(alice).post(address, form, headers=SCRIPT)
        assert response.status_code == 409
        assert "can no longer be changed" in response.json()["detail"]
    assert draft.images.count() == 1
