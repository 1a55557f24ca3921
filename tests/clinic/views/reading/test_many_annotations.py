"""A full desk asks the database no more than an empty one."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.services import assign_case
from clinic.services.annotations import save_annotation
from tests.cast import signed_in
from tests.clinic.reading_cases import waiting_case

pytestmark = pytest.mark.django_db


def test_twenty_images_and_fifty_annotations_take_at_most_twenty_queries(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=4, images=5)
    assign_case(case=case, reader=dana)
    images = list(case.images.all())
    for number in range(50):
        save_annotation(
            image=images[number % 20], actor=dana, key=uuid4(), version=0, label="globules",
            target={"selector": {"type": "FragmentSelector", "value": "xywh=pixel:10,10,90,80"}},
            text="",
        )  # fmt: skip
    client = signed_in(dana)
    with CaptureQueriesContext(connection) as of_page:
        page = client.get(reverse("case-review", args=[case.pk]))
    assert len(page.context["desk"].images) == 20
    assert len(of_page) <= 20
    with CaptureQueriesContext(connection) as of_list:
        shown = client.get(reverse("annotation-list", args=[images[0].pk])).json()
    assert len(shown["annotations"]) == 3
    assert len(of_list) <= 12
