"""Models in the administration: who sees them, installing, acting with confirmation."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import LesionImage
from inference.models import Comparison, ModelVersion, Prediction
from inference.tasks import promotion_task
from tests.cast import signed_in
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.promotion.sealed_cases import closed_image, passed, says, seal

pytestmark = pytest.mark.django_db

Picture = Callable[..., LesionImage]
LIST = "/admin/inference/modelversion/"


@pytest.fixture
def operator(ada: User) -> Client:
    ada.groups.add(Group.objects.get(name="Model operators"))
    return signed_in(ada)


def act_url(version: ModelVersion, name: str) -> str:
    return reverse("admin:inference_modelversion_act", args=[version.pk, name])


def detail_url(version: ModelVersion) -> str:
    return reverse("admin:inference_modelversion_change", args=[version.pk])


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_the_list_shows_states_and_figures(operator: Client) -> None:
    ModelVersionFactory(version="2.0.0", metrics={"balanced_accuracy": 0.7312})

    html = text_of(operator, LIST)

    assert "● Active" in html
    assert "0.731" in html
    assert "Install a package" in html


def test_an_administrator_who_is_no_operator_only_looks(ada: User) -> None:
    version, browser = ModelVersionFactory(state="candidate"), signed_in(ada)

    assert "Install a package" not in text_of(browser, LIST)
    assert act_url(version, "activate") not in text_of(browser, detail_url(version))
    assert browser.get(act_url(version, "activate")).status_code == 404
    assert browser.post(act_url(version, "activate")).status_code == 404
    assert browser.get(f"{LIST}add/").status_code == 404
    version.refresh_from_db()
    assert version.state == "candidate"


def test_a_clinician_does_not_get_in_even_as_an_operator_by_group(alice: User) -> None:
    alice.groups.add(Group.objects.get(name="Model operators"))
    version = ModelVersionFactory(state="candidate")
    browser = signed_in(alice)

    for url in (LIST, detail_url(version), f"{LIST}add/", act_url(version, "activate")):
        assert browser.get(url).status_code == 302, url
    assert browser.post(act_url(version, "activate")).status_code == 302
    version.refresh_from_db()
    assert version.state == "candidate"


def test_activating_says_what_will_happen_and_then_does_it(
    operator: Client, picture: Picture
) -> None:
    current = ModelVersionFactory(version="1.0.0")
    PredictionFactory(image=picture(), model_version=current)
    candidate = ModelVersionFactory(version="2.0.0", state="candidate")

    closed = text_of(operator, act_url(candidate, "activate"))
    assert "was not compared with resnet18 1.0.0, the model in service." in closed
    assert 'value="Activate resnet18 2.0.0 all the same and retire resnet18 1.0.0"' in closed
    passed(candidate, current)

    page = text_of(operator, act_url(candidate, "activate"))
    assert "override_reason" not in page
    assert 'value="Activate resnet18 2.0.0 and retire resnet18 1.0.0"' in page
    assert "1 image of open cases that it has not answered is queued." in page
    assert "1 image that wait for it is dropped" in page
    candidate.refresh_from_db()
    assert candidate.state == "candidate", "a look changes nothing"

    response = operator.post(act_url(candidate, "activate"), follow=True)

    messages = [str(message) for message in response.context["messages"]]
    assert messages == ["resnet18 2.0.0 is in service."]
    current.refresh_from_db()
    candidate.refresh_from_db()
    assert (current.state, candidate.state) == ("retired", "active")
    assert Prediction.objects.get().model_version == candidate


def test_a_model_that_is_not_prepared_offers_no_activation_and_refuses_it(
    operator: Client,
) -> None:
    version = ModelVersionFactory(
        state="candidate", prepared_at=None, preparation_error="The weights do not fit."
    )
    page = text_of(operator, detail_url(version))
    assert "The weights do not fit." in page
    assert act_url(version, "activate") not in page
    assert act_url(version, "prepare") in page

    response = operator.post(act_url(version, "activate"), follow=True)
    assert "could not be prepared: The weights do not fit." in response.content.decode()


def test_shadow_retire_and_roll_back_work_from_their_pages(operator: Client) -> None:
    first = ModelVersionFactory(version="1.0.0")
    second = ModelVersionFactory(version="2.0.0", state="candidate")
    operator.post(act_url(first, "activate"))
    ModelVersion.objects.filter(pk=first.pk).update(activated_at=first.created_at)

    passed(second, first)
    operator.post(act_url(second, "shadow"))
    second.refresh_from_db()
    assert second.state == "shadow"
    operator.post(act_url(second, "activate"))
    page = text_of(operator, act_url(second, "roll-back"))
    assert "Put resnet18 1.0.0 back into service and retire resnet18 2.0.0" in page
    operator.post(act_url(second, "roll-back"))
    first.refresh_from_db()
    assert first.state == "active"
    operator.post(act_url(first, "retire"))
    first.refresh_from_db()
    assert first.state == "retired"


def test_a_reason_is_asked_for_kept_while_it_is_too_short_and_stands_on_the_card(
    operator: Client,
) -> None:
    ModelVersionFactory(version="1.0.0")
    candidate = ModelVersionFactory(version="2.0.0", state="candidate")
    url = act_url(candidate, "activate")

    refused = operator.post(url, {"override_reason": "It is <b>new</b>"})

    assert refused.status_code == 422
    html = refused.content.decode()
    assert "write at least 20 characters" in html
    assert "It is &lt;b&gt;new&lt;/b&gt;" in html, "what was typed is still there"
    reason = "The old one fails on the <b>new</b> dermatoscope."
    operator.post(url, {"override_reason": reason})
    page = operator.get(detail_url(candidate)).content.decode()
    assert "Activated without a passed comparison" in page
    card = page[page.index('class="model-card"') :]
    assert "Put into service without a passed comparison." in card
    assert "fails on the &lt;b&gt;new&lt;/b&gt; dermatoscope." in card
    assert (
        operator.get(reverse("api-model-detail", args=[candidate.pk])).json()["override_reason"]
        == reason
    )


def test_comparing_leads_to_its_page_and_stands_on_both_models(
    operator: Client, northside: Organisation
) -> None:
    champion = ModelVersionFactory(version="1.0.0")
    candidate = ModelVersionFactory(version="2.0.0", state="candidate")
    nothing = text_of(operator, act_url(candidate, "compare"))
    assert "No organisation has a sealed test set yet, so resnet18 2.0.0 and" in nothing
    assert "submit" not in nothing[nothing.index("submit-row") + 10 :][:80]
    seal(northside)
    question = text_of(operator, act_url(candidate, "compare"))
    assert "7 images of the sealed test sets" in question
    assert "7 images are too few to decide: 200 are needed." in question

    response = operator.post(act_url(candidate, "compare"))

    comparison = Comparison.objects.get()
    assert response.url == reverse("comparison", args=[comparison.pk])
    for version in (champion, candidate):
        page = text_of(operator, detail_url(version))
        assert response.url in page
        assert "Waiting for answers" in page
    assert act_url(champion, "compare") not in text_of(operator, detail_url(champion))


def test_old_images_are_rescored_and_stopped_from_the_models_page(
    operator: Client, northside: Organisation
) -> None:
    version = ModelVersionFactory()
    images = [closed_image(northside) for _ in range(3)]
    assert "Put 3 images before" in text_of(operator, act_url(version, "rescore"))
    operator.post(act_url(version, "rescore"))
    promotion_task()
    says(images[0], version, "nv")
    page = text_of(operator, detail_url(version))
    assert "Old images: being answered, 1 of 3 answered." in page
    assert act_url(version, "rescore") not in page
    operator.post(act_url(version, "stop-rescoring"))
    page = text_of(operator, detail_url(version))
    assert "Old images: cancelled" in page
    assert act_url(version, "rescore") in page
    assert version.predictions.count() == 1


def test_an_action_of_the_list_leads_to_the_confirmation(operator: Client) -> None:
    version, other = ModelVersionFactory(state="candidate"), ModelVersionFactory()
    chosen = {"action": "choose_activate", "_selected_action": [str(version.pk)]}
    assert operator.post(LIST, chosen).url == act_url(version, "activate")
    both = {"action": "choose_activate", "_selected_action": [str(version.pk), str(other.pk)]}
    assert "Choose one model." in operator.post(LIST, both, follow=True).content.decode()


def test_the_detail_escapes_what_a_package_says(operator: Client) -> None:
    attack = "<script>alert(1)</script>"
    version = ModelVersionFactory(
        card=f"# Card\n{attack}",
        description=attack,
        metrics={"balanced_accuracy": 0.7, "per_class": {
            "mel": {"recall": 0.61, attack: attack}, "nv": {"recall": 0.9, attack: 1.0}}},
    )  # fmt: skip
    response = operator.get(detail_url(version))
    html = response.content.decode()
    assert attack not in html
    assert "&lt;script&gt;" in html
    assert "per class" in html
    assert "0.61" in html


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + b"\x00" * 18])
def test_a_file_that_is_no_package_is_refused_on_the_form(operator: Client, content: bytes) -> None:
    upload = SimpleUploadedFile("package.zip", content)

    response = operator.post(f"{LIST}add/", {"package": upload})

    assert response.status_code == 422
    assert "The package was not installed." in response.content.decode()
    assert not ModelVersion.objects.exists()


def test_a_package_is_installed_from_its_zip(
    operator: Client, ada: User, package_zip: Path, django_capture_on_commit_callbacks: object
) -> None:
    upload = SimpleUploadedFile("package.zip", package_zip.read_bytes())

    response = operator.post(f"{LIST}add/", {"package": upload}, follow=True)

    assert "A worker prepares it now" in response.content.decode()
    version = ModelVersion.objects.get()
    assert (version.state, version.installed_by) == ("candidate", ada)
    again = SimpleUploadedFile("package.zip", package_zip.read_bytes())
    refused = operator.post(f"{LIST}add/", {"package": again})
    assert "is installed already" in refused.content.decode()
    assert ModelVersion.objects.count() == 1
