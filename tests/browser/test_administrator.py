"""Ada installs a model, puts it into service and asks again for a failed answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from accounts.models import User
from inference.models import ModelVersion, Prediction
from inference.worker.preparation import prepare_model
from tests.browser.waiting import arrived
from tests.browser.watch import PageWatch
from tests.factories import LesionImageFactory, ModelVersionFactory, PredictionFactory
from tests.inference.conftest import write_untrained_package

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
MODELS, PREDICTIONS = "/admin/inference/modelversion/", "/admin/inference/prediction/"


@pytest.fixture
def operator(ada: User) -> User:
    ada.groups.add(Group.objects.get_or_create(name="Model operators")[0])
    return ada


@pytest.fixture(autouse=True)
def _operators_may_operate(transactional_db: None) -> None:
    """Tests that commit empty the tables that migrations filled; this fills the group again."""
    from django.contrib.auth.models import Permission

    group, _ = Group.objects.get_or_create(name="Model operators")
    group.permissions.add(Permission.objects.get(codename="operate_models"))


def test_a_package_is_installed_and_put_into_service(
    operator: User,
    signed_in: SignedIn,
    watch: PageWatch,
    assert_accessible: Accessible,
    tmp_path: Path,
) -> None:
    watch.allow("status of 422")
    package = write_untrained_package(tmp_path / "package.zip", version="3.1.4")
    page = signed_in(operator)
    page.goto(MODELS)
    assert_accessible(page)
    page.get_by_role("link", name="Install a package").click()
    arrived(page, page.locator("input[type=file]"))
    assert_accessible(page)

    page.locator("input[type=file]").set_input_files(
        {"name": "package.zip", "mimeType": "application/zip", "buffer": b"no zip at all"}
    )
    page.locator("input[type=submit]").first.click()
    expect(page.locator(".errorlist").first).to_be_visible()
    assert_accessible(page)
    assert not ModelVersion.objects.exists()

    page.locator("input[type=file]").set_input_files(package)
    page.locator("input[type=submit]").first.click()
    expect(page.get_by_role("heading", name="3.1.4")).to_be_visible()
    version = ModelVersion.objects.get()
    prepare_model(version=version)
    page.reload()
    assert_accessible(page)

    page.get_by_role("link", name="Activate").click()
    arrived(page, page.get_by_role("button", name="Activate"))
    assert_accessible(page)
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("is in service")).to_be_visible()
    version.refresh_from_db()
    assert version.state == "active"


def test_a_failed_answer_is_asked_for_again(
    operator: User, signed_in: SignedIn, assert_accessible: Accessible
) -> None:
    image = LesionImageFactory(case__patient__organisation=operator.memberships.get().organisation)
    failed = PredictionFactory(image=image, failed=True, model_version=ModelVersionFactory())
    page = signed_in(operator)
    page.goto(PREDICTIONS)
    expect(page.get_by_text(failed.reason)).to_be_visible()
    assert_accessible(page)

    page.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("requeue")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert Prediction.objects.get().state == "queued"


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/accounts/user/", "/admin/accounts/membership/", "/"]
)
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_administration(
    ada: User, signed_in: SignedIn, assert_accessible: Accessible, address: str, width: int
) -> None:
    page = signed_in(ada, width=width)
    page.goto(address)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert_accessible(page)
