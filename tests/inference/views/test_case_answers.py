"""What a clinician sees of the model's answers, and what the page asks for by itself."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from clinic.models import AccessLog, Case, LesionImage
from inference.models import ModelVersion, Prediction
from tests.cast import signed_in
from tests.factories import LesionFactory, ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]
HTMX = {"HX-Request": "true"}


def grey_map() -> bytes:
    stream = BytesIO()
    Image.frombytes("L", (5, 5), bytes([0] * 12 + [255] + [0] * 12)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def browser(alice: User) -> Client:
    return signed_in(alice)


def page(browser: Client, case: Case) -> str:
    response = browser.get(reverse("case-detail", args=[case.pk]))
    assert response.status_code == 200
    return response.content.decode()


def poll(browser: Client, case: Case, *waiting: str) -> tuple[int, str]:
    address = reverse("case-answers", args=[case.pk])
    response = browser.get(address, {"waiting": waiting}, headers=HTMX)
    return response.status_code, response.content.decode()


def token(prediction: Prediction) -> str:
    return f"{prediction.image_id.hex[:10]}{prediction.state[0]}"


def test_an_answered_image_shows_bars_malignancy_map_and_the_models_version(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(
        image=picture(), model_version=active_model, answered=True, saliency=grey_map()
    )

    html = page(browser, case)

    assert html.index("Melanoma") < html.index("Melanocytic nevus") < html.index("Vascular lesion")
    assert "62\u00a0%" in html
    assert "67\u00a0%" in html
    assert "At or above the operating point of 20\u00a0%" in html
    assert str(active_model) in html
    assert reverse("prediction-saliency", args=[prediction.pk]) in html
    assert 'role="switch"' in html
    assert "every 2s" not in html


def test_a_waiting_image_makes_the_page_ask_again_until_it_is_answered(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(image=picture(), model_version=active_model)
    html = page(browser, case)
    assert "Waiting for the model" in html
    assert 'hx-trigger="every 2s"' in html
    assert token(prediction) in html

    status, nothing_new = poll(browser, case, token(prediction))
    assert status == 200
    assert "<article" not in nothing_new

    Prediction.objects.update(
        state="succeeded", probabilities={"mel": 0.7, "nv": 0.3}, malignancy=0.7, top_class="mel"
    )
    status, changes = poll(browser, case, token(prediction))
    assert status == 286, "htmx stops asking"
    assert f'id="answer-{prediction.image_id}"' in changes
    assert 'hx-swap-oob="outerHTML"' in changes
    assert "The image is answered" in changes


def test_only_the_images_that_changed_are_replaced(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    """Focus and an open saliency map on the others survive."""
    done = PredictionFactory(image=picture(), model_version=active_model, answered=True)
    queued = PredictionFactory(image=picture(), model_version=active_model)
    started = PredictionFactory(image=picture(), model_version=active_model)
    before = token(started)
    Prediction.objects.filter(pk=started.pk).update(
        state="running", lease_expires_at=started.queued_at
    )

    status, changes = poll(browser, case, token(queued), before)

    assert status == 200
    assert f'id="answer-{started.image_id}"' in changes
    assert "The model is looking" in changes
    assert str(queued.image_id) not in changes
    assert str(done.image_id) not in changes
    assert "1 of 3 images answered" in changes


def test_a_failed_image_says_why_and_can_be_asked_again(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    html = page(browser, case)
    assert "The stored image could not be read." in html
    assert "Ask the model again" in html

    response = browser.post(reverse("prediction-retry", args=[prediction.pk]), headers=HTMX)

    prediction.refresh_from_db()
    assert (prediction.state, prediction.attempts, prediction.reason) == ("queued", 0, "")
    fragment = response.content.decode()
    assert "Waiting for the model" in fragment
    assert "autofocus" in fragment
    assert 'hx-trigger="every 2s"' in fragment, "the page asks again by itself"


def test_without_a_script_asking_again_leads_back_to_the_case(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    address = reverse("prediction-retry", args=[prediction.pk])

    assert browser.post(address).url == reverse("case-detail", args=[case.pk])
    assert browser.post(address).status_code == 302, "twice is the same as once"


def test_an_answer_of_a_model_that_was_retired_cannot_be_asked_for_again(
    browser: Client, case: Case, picture: Picture
) -> None:
    retired = ModelVersionFactory(state="retired")
    prediction = PredictionFactory(image=picture(), model_version=retired, failed=True)

    assert "Ask the model again" not in page(browser, case)
    response = browser.post(reverse("prediction-retry", args=[prediction.pk]), headers=HTMX)
    assert response.status_code == 409
    assert "no longer in service" in response.content.decode()


def test_without_a_model_in_service_the_page_says_so(
    browser: Client, case: Case, picture: Picture
) -> None:
    picture()
    assert "No model in service" in page(browser, case)


def test_an_image_that_no_model_was_asked_about_says_so(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    picture()
    assert "was not asked about this image" in page(browser, case)


def test_what_a_shadow_model_answers_is_never_shown(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    shadow = ModelVersionFactory(name="whisper", state="shadow")
    prediction = PredictionFactory(
        image=picture(), model_version=shadow, answered=True, saliency=grey_map()
    )

    html = page(browser, case)
    assert "whisper" not in html
    assert "was not asked about this image" in html
    address = reverse("prediction-saliency", args=[prediction.pk])
    assert browser.get(address).status_code == 404


def test_the_active_models_answer_replaces_the_one_before(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    image = picture()
    before = ModelVersionFactory(name="earlier", state="retired")
    PredictionFactory(image=image, model_version=before, answered=True)
    assert "this model is no longer in service" in page(browser, case)

    PredictionFactory(image=image, model_version=active_model, answered=True)
    html = page(browser, case)
    assert "this model is no longer in service" not in html
    assert f"{active_model} answered" in html


def test_a_close_up_carries_the_warning_that_the_model_learned_from_dermoscopy(
    browser: Client, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    PredictionFactory(image=picture(kind="close_up"), model_version=active_model, answered=True)
    assert "less reliable" in page(browser, case)


def test_a_stranger_finds_neither_answers_nor_map_nor_retry(
    bob: User, case: Case, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(
        image=picture(), model_version=active_model, answered=True, saliency=grey_map()
    )
    failed = PredictionFactory(image=picture(), model_version=active_model, failed=True)
    stranger = signed_in(bob)

    assert poll(stranger, case)[0] == 404
    assert stranger.get(reverse("prediction-saliency", args=[prediction.pk])).status_code == 404
    assert stranger.post(reverse("prediction-retry", args=[failed.pk])).status_code == 404
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_nobody_signed_in_gets_no_map(
    client: Client, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(
        image=picture(), model_version=active_model, answered=True, saliency=grey_map()
    )
    response = client.get(reverse("prediction-saliency", args=[prediction.pk]))
    assert response.status_code == 302


def test_a_saliency_map_is_private_logged_and_coloured_where_the_model_looked(
    browser: Client, alice: User, picture: Picture, active_model: ModelVersion
) -> None:
    prediction = PredictionFactory(
        image=picture(), model_version=active_model, answered=True, saliency=grey_map()
    )
    address = reverse("prediction-saliency", args=[prediction.pk])

    response = browser.get(address)

    assert response["Content-Type"] == "image/png"
    assert "private" in response["Cache-Control"]
    with Image.open(BytesIO(response.content)) as overlay:
        assert overlay.mode == "RGBA"
        assert overlay.getpixel((0, 0))[3] == 0, "unimportant skin stays visible"
        assert overlay.getpixel((128, 128))[3] > 100
    log = AccessLog.objects.get()
    assert (log.user, log.image, log.action) == (alice, prediction.image, "saliency")
    again = browser.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_fifty_images_cost_the_page_and_the_poll_as_many_queries_as_one(
    browser: Client,
    case: Case,
    picture: Picture,
    active_model: ModelVersion,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    lesion = LesionFactory(patient=case.patient)

    def add(count: int) -> None:
        for _ in range(count):
            PredictionFactory(image=picture(lesion=lesion), model_version=active_model)

    def queries(address: str) -> int:
        with django_assert_max_num_queries(20) as counted:
            assert browser.get(address, headers=HTMX).status_code == 200
        return len(counted)  # type: ignore[arg-type]

    addresses = [reverse("case-detail", args=[case.pk]), reverse("case-answers", args=[case.pk])]
    add(1)
    for address in addresses:
        queries(address)
    before = [queries(address) for address in addresses]
    add(49)
    assert [queries(address) for address in addresses] == before


def test_the_map_on_the_page_is_the_one_of_the_training_reports() -> None:
    import numpy as np

    from inference.engine.explain import render_overlay
    from inference.overlay import render_saliency
    from inference.worker.answering import greyscale_png

    activation = np.linspace(0, 1, 49, dtype=np.float32).reshape(7, 7)
    ours = np.asarray(Image.open(BytesIO(render_saliency(greyscale_png(activation)))), dtype=int)
    theirs = np.asarray(Image.open(BytesIO(render_overlay(activation, 256))), dtype=int)
    visible = theirs[..., 3] > 8
    assert np.abs(ours - theirs)[visible].max() <= 12
