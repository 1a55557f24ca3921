"""Saying what a data set is to hold: live, without a script, and with mistakes."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Dataset
from tests.cast import signed_in
from tests.clinic.dataset_record import a_reader, a_record, signed_image
from tests.clinic.views.datasets.sending import CREATE, LIST, PREVIEW, dataset_of, fields, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(ada: User) -> Client:
    return signed_in(ada)


def test_what_was_described_stands_in_words_on_its_page(
    northside: Organisation, browser: Client
) -> None:
    sent = fields(
        northside,
        classes=["mel", "nv"],
        label_sources=["pathology", "concordant"],
        minimum_agreement="66.67",
        consent="sharing",
        signed_from="2026-01-01",
        signed_to="2026-03-31",
        train_share="80",
        validation_share="12.5",
        seed="7",
    )
    response = browser.post(CREATE, sent)
    assert response.status_code == 302
    page = words(browser.get(response["Location"]))
    for said in (
        "Nevi of spring",
        "To train the next model.",
        "From 1 Jan 2026 to 31 Mar 2026",
        "Melanoma",
        "Pathology, Two readers who agree",
        "At least 66.67 % of the readers",
        "passed on to researchers",
        "80 % training, 12.5 % validation, 7.5 % test",
    ):
        assert said in page
    dataset = Dataset.objects.get()
    assert dataset.description["train_share"] == 0.8
    assert dataset.description["minimum_agreement"] == 0.6667
    assert dataset.description["seed"] == 7


def test_a_form_sent_twice_makes_one_data_set(northside: Organisation, browser: Client) -> None:
    sent = fields(northside, key=str(uuid.uuid4()))
    first, second = browser.post(CREATE, sent), browser.post(CREATE, sent)
    assert first["Location"] == second["Location"]
    assert Dataset.objects.count() == 1


def test_a_change_shows_what_was_described_and_keeps_it(
    northside: Organisation, ada: User, browser: Client
) -> None:
    dataset = dataset_of(northside, ada, train_share=0.725, validation_share=0.1, seed=9)
    address = reverse("dataset-edit", args=[dataset.pk])
    form = browser.get(address).context["form"]
    assert form["train_share"].value() == "72.5"
    # Saved as it was shown, it asks for the same.
    sent = fields(northside, train_share="72.5", validation_share="10", seed="9")
    assert browser.post(address, sent).status_code == 302
    before = dataset.description
    dataset.refresh_from_db()
    assert dataset.description == before


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "  "}, "name", "Give the data set a name."),
    ({"purpose": ""}, "purpose", "Say what the data set is for."),
    ({"organisations": []}, "organisations", "Choose at least one organisation."),
    ({"organisations": [str(uuid.uuid4())]}, "organisations",
     "Choose organisations that you administer."),
    ({"organisations": ["x"]}, "organisations", "Choose organisations that you administer."),
    ({"signed_from": "2026-03-01", "signed_to": "2026-02-01"}, "signed_to",
     "The last day is before the first day."),
    ({"signed_from": "yesterday"}, "signed_from", "Give the day as day, month and year."),
    ({"classes": ["measles"]}, "classes", "Choose diagnoses from the list."),
    ({"label_sources": []}, "label_sources", "Choose at least one source of labels."),
    ({"minimum_agreement": "101"}, "minimum_agreement",
     "The agreement is a share of the readers from 0 to 100 %."),
    ({"minimum_agreement": "most"}, "minimum_agreement",
     "The agreement is a share of the readers from 0 to 100 %."),
    ({"minimum_agreement": "nan"}, "minimum_agreement",
     "The agreement is a share of the readers from 0 to 100 %."),
    ({"consent": "none"}, "consent", "Choose a consent from the list."),
    ({"train_share": "0"}, "train_share", "The share for training is above 0 and at most 100 %."),
    ({"train_share": "70", "validation_share": "40"}, "validation_share",
     "Training and validation together are more than all patients."),
    ({"seed": "-1"}, "seed", "The seed is a whole number from 0 to 2147483647."),
    ({"seed": "1.5"}, "seed", "The seed is a whole number from 0 to 2147483647."),
    ({"seed": "9" * 30}, "seed", "The seed is a whole number from 0 to 2147483647."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(
    changes: dict[str, Any],
    field: str,
    sentence: str,
    northside: Organisation,
    browser: Client,
) -> None:
    sent = fields(northside, **{"seed": "77", "name": "Kept as typed", **changes})
    response = browser.post(CREATE, sent)
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors[field] == [sentence]
    assert set(form.errors) == {field}
    body = response.content.decode()
    assert f'id="id_{field}_error"' in body
    if field not in {"name", "seed"}:
        assert 'value="Kept as typed"' in body
        assert 'value="77"' in body
    assert not Dataset.objects.exists()


def test_the_preview_counts_what_the_fields_would_take(
    northside: Organisation, browser: Client
) -> None:
    reader = a_reader(northside)
    for _ in range(3):
        signed_image(northside, "nevus", reader=reader)
    signed_image(northside, "melanoma", reader=reader, pathology="melanoma")
    signed_image(northside, "melanoma", reader=reader, consent="not_asked")
    signed_image(northside, "melanoma", reader=reader, kind="overview")
    page = words(browser.post(PREVIEW, fields(northside, name="", purpose="")))
    assert "Images 4 Lesions 4 Patients 4" in page
    assert "Melanocytic nevus has 3 times as many images as Melanoma." in page
    assert "No image of: Basal cell carcinoma" in page
    assert "The patient has not given this consent: 1 image (17 % of the record)" in page
    assert "Another kind of image: 1 image" in page
    assert "Histopathology 1 25 %" in page
    assert "Opinion alone 3 75 %" in page
    only = words(browser.post(PREVIEW, fields(northside, label_sources=["pathology"])))
    assert "Image 1" in only
    assert "The label comes from another source: 3 images" in only
    assert not Dataset.objects.exists()


def test_a_preview_that_cannot_be_counted_says_what_it_waits_for(
    northside: Organisation, browser: Client
) -> None:
    response = browser.post(
        PREVIEW, fields(northside, signed_from="2026-03-01", signed_to="2026-02-01")
    )
    assert response.status_code == 200
    assert "Signed to : The last day is before the first day." in words(response)
    assert 'href="#id_signed_to"' in response.content.decode()


def test_a_preview_of_nothing_says_why(northside: Organisation, browser: Client) -> None:
    signed_image(northside, reader=a_reader(northside), consent="refused")
    page = words(browser.post(PREVIEW, fields(northside)))
    assert "No image fits this description" in page
    assert "The patient has not given this consent: 1 image (100 % of the record)" in page


def test_without_a_script_the_same_page_shows_the_preview_and_saves_nothing(
    northside: Organisation, browser: Client
) -> None:
    signed_image(northside, reader=a_reader(northside))
    response = browser.post(
        CREATE, fields(northside, name="", purpose="Half typed", seed="5", preview="1")
    )
    assert response.status_code == 200
    body = response.content.decode()
    assert "Half typed" in body
    assert 'value="5"' in body
    assert "Image 1" in words(response)
    assert not Dataset.objects.exists()
    # What is shown already is not asked for again by the script.
    assert re.search(r'hx-trigger="input from:#dataset-form', body)
    assert 'name="preview"' in re.search(r"<noscript>(.*?)</noscript>", body, re.DOTALL)[1]  # type: ignore[index]


def test_the_sources_stand_in_their_precedence(browser: Client) -> None:
    page = words(browser.get(CREATE))
    places = [page.index(name) for name in ("Pathology ", "Adjudication ", "Two readers who",
                                            "One reader ")]  # fmt: skip
    assert places == sorted(places)
    assert "pathology over adjudication over two readers who agree over one reader" in page


def test_only_organisations_that_somebody_administers_can_be_chosen(
    northside: Organisation, southside: Organisation, ada: User
) -> None:
    grant_role(user=ada, organisation=southside, role=Role.CLINICIAN)
    signed_image(southside, reader=a_reader(southside))
    browser = signed_in(ada)
    assert "Southside Clinic" not in words(browser.get(CREATE)).split("Organisations", 1)[1]
    page = words(browser.post(PREVIEW, fields(southside)))
    assert "Choose organisations that you administer." in page
    assert "Images" not in page


def test_a_stranger_who_administers_elsewhere_finds_nothing(
    northside: Organisation, southside: Organisation, ada: User, bob: User
) -> None:
    a_record(northside, 8)
    dataset = dataset_of(northside, ada)
    grant_role(user=bob, organisation=southside, role=Role.ADMINISTRATOR)
    stranger = signed_in(bob)
    assert "Nevi of spring" not in words(stranger.get(LIST))
    for name in ("dataset-detail", "dataset-edit", "dataset-freeze"):
        assert stranger.get(reverse(name, args=[dataset.pk])).status_code == 404
        nowhere = stranger.get(reverse(name, args=[uuid.uuid4()]))
        assert nowhere.status_code == 404
    for method in ("get", "post"):
        address = reverse("sealed-test-set", args=[northside.pk])
        assert getattr(stranger, method)(address).status_code == 404
    assert stranger.post(reverse("dataset-freeze", args=[dataset.pk])).status_code == 404


def test_a_data_set_of_two_organisations_is_for_who_administers_both(
    northside: Organisation, southside: Organisation, ada: User
) -> None:
    dataset = dataset_of(northside, ada)
    dataset.organisations.add(southside)
    browser = signed_in(ada)
    address = reverse("dataset-detail", args=[dataset.pk])
    assert browser.get(address).status_code == 404
    grant_role(user=ada, organisation=southside, role=Role.ADMINISTRATOR)
    assert signed_in(ada).get(address).status_code == 200
