"""A picture fetched ahead: shown without its bytes travelling again, and noted when it is shown."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import Organisation, User
from clinic.models import AccessLog
from clinic.services import add_image, start_case
from clinic.tasks import make_renditions_task
from tests.clinic.imaging.pictures import jpeg
from tests.factories import LesionFactory, PatientFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FETCH_AHEAD = """async (address) => {
  const answer = await fetch(address, { headers: { "X-Purpose": "prefetch" } });
  return (await answer.blob()).size;
}"""
SHOW = """async (address) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  document.body.append(picture);
  const [, shown] = performance.getEntriesByName(new URL(address, location).href);
  return { width: picture.naturalWidth, sent: shown.transferSize, bytes: shown.encodedBodySize };
}"""


def test_a_picture_fetched_ahead_is_shown_at_once_and_the_look_is_noted_then(
    signed_in: Callable[..., Page], alice: User, dana: User, northside: Organisation
) -> None:
    case = start_case(patient=PatientFactory(organisation=northside), actor=alice)
    lesion = LesionFactory(patient=case.patient)
    image = add_image(case=case, lesion=lesion, content=jpeg(2000, 1500), actor=alice)
    assert make_renditions_task() == 1
    image.refresh_from_db()
    page = signed_in(dana)
    page.goto(reverse("patient-list"))
    address = reverse("image-screen", args=[image.pk])

    fetched = page.evaluate(FETCH_AHEAD, address)
    assert fetched == image.rendition.size
    assert list(AccessLog.objects.values_list("action", flat=True)) == ["prefetch"]

    shown = page.evaluate(SHOW, address)
    assert shown["width"] == 1600
    assert shown["bytes"] == fetched
    assert shown["sent"] < 2_000, "only headers travelled: the browser had the picture"
    assert list(AccessLog.objects.order_by("id").values_list("user__email", "action")) == [
        (dana.email, "prefetch"),
        (dana.email, "view"),
    ]
