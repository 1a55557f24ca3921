"""Predictions in the administration: one's own, with reasons, asked again."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import LesionImage
from inference.models import ModelVersion
from tests.cast import signed_in
from tests.factories import ModelVersionFactory, PredictionFactory, UserFactory

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]
LIST = "/admin/inference/prediction/"


@pytest.fixture
def browser(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def administrator_of_southside(southside: Organisation) -> Client:
    user = UserFactory(full_name="Sam Sand")
    grant_role(user=user, organisation=southside, role=Role.ADMINISTRATOR)
    return signed_in(user)


def test_the_list_shows_state_reason_and_duration(
    browser: Client, picture: Picture, active_model: ModelVersion
) -> None:
    PredictionFactory(image=picture(), model_version=active_model, answered=True)
    PredictionFactory(image=picture(), model_version=active_model, failed=True)

    html = browser.get(LIST).content.decode()

    assert "✓ Answered" in html
    assert "42 ms" in html
    assert "✗ Failed" in html
    assert "The stored image could not be read." in html
    failed_only = browser.get(LIST, {"state__exact": "failed"}).content.decode()
    assert "✓ Answered" not in failed_only


def test_fifty_predictions_cost_as_many_queries_as_one(
    browser: Client,
    picture: Picture,
    active_model: ModelVersion,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    PredictionFactory(image=picture(), model_version=active_model)
    browser.get(LIST)
    with django_assert_max_num_queries(20) as one:
        browser.get(LIST)
    for _ in range(49):
        PredictionFactory(image=picture(), model_version=active_model)
    with django_assert_max_num_queries(len(one)):  # type: ignore[arg-type]
        browser.get(LIST)


def test_failed_ones_are_queued_again_and_others_left_alone(
    browser: Client, picture: Picture, active_model: ModelVersion
) -> None:
    failed = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    done = PredictionFactory(image=picture(), model_version=active_model, answered=True)
    chosen = {"action": "requeue", "_selected_action": [str(failed.pk), str(done.pk)]}

    html = browser.post(LIST, chosen, follow=True).content.decode()

    assert "1 queued again." in html
    assert "1 left alone" in html
    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.state, failed.attempts, done.state) == ("queued", 0, "succeeded")


def test_another_organisations_predictions_are_neither_listed_nor_found_nor_requeued(
    administrator_of_southside: Client, picture: Picture, active_model: ModelVersion
) -> None:
    failed = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    stranger = administrator_of_southside

    assert failed.image.case.reference not in stranger.get(LIST).content.decode()
    assert stranger.get(f"{LIST}{failed.pk}/change/").status_code == 404
    chosen = {"action": "requeue", "_selected_action": [str(failed.pk)]}
    stranger.post(LIST, chosen)
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_a_shadows_answers_are_for_model_operators(
    ada: User, browser: Client, picture: Picture
) -> None:
    shadow = ModelVersionFactory(name="whisper", state="shadow")
    prediction = PredictionFactory(image=picture(), model_version=shadow, answered=True)

    assert browser.get(f"{LIST}{prediction.pk}/change/").status_code == 404


def test_nothing_can_be_changed_by_hand(
    browser: Client, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(image=picture(), model_version=active_model, answered=True)
    page = browser.get(f"{LIST}{prediction.pk}/change/")
    assert page.status_code == 200
    assert b'name="malignancy"' not in page.content
    address = f"{LIST}{prediction.pk}/change/"
    assert browser.post(address, {"malignancy": "0.01"}).status_code == 403
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{prediction.pk}/delete/", {"post": "yes"}).status_code == 403


def test_one_answer_shows_what_was_called_not_ruled_out_and_how_strange_it_is(
    browser: Client, picture: Picture, active_model: ModelVersion
) -> None:
    told = PredictionFactory(
        image=picture(), model_version=active_model, answered=True, called="akiec",
        plausible=["akiec", "mel"], strangeness=1.25,
    )  # fmt: skip
    html = browser.get(f"{LIST}{told.pk}/change/").content.decode()
    assert "akiec, mel" in html
    assert "1.25 (unlike the images the model learned from)" in html

    before = PredictionFactory(image=picture(), model_version=active_model, answered=True)
    html = browser.get(f"{LIST}{before.pk}/change/").content.decode()
    assert html.count("not recorded") == 3
