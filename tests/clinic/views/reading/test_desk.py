"""The desk before the commit: what is on it, and what opens first."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    LesionImage,
    Reading,
    ReadingPolicy,
)
from clinic.services import commit_reading
from tests.cast import signed_in
from tests.clinic.reading_cases import (
    add_picture,
    waiting_case,
)
from tests.clinic.views.reading.desk import decided, desk
from tests.factories import diagnosis


def test_the_desk_has_the_facts_and_nothing_of_the_model(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(
        northside, clinical_question="Bleeds since May.", priority=1, malignancy=0.67
    )
    Lesion.objects.update(history="Itches at night.")
    image = case.images.get()
    image.quality = [{"code": "dark", "sentence": "The picture is dark."}]
    image.save()
    page = desk(dana, case).content.decode()
    for said in (
        "Halvorsen, Ingrid", "55 years", "skin type II", "Bleeds since May.", "Itches at night.",
        "The picture is dark.", "Urgent", "1 of 1", ">Commit and see the model<",
    ):  # fmt: skip
        assert said in page
    for withheld in (
        "data-saliency",
        "data-confirm",
        "suggestion",
        "resnet18",
        "67\u00a0%",
        "0.67",
    ):
        assert withheld not in page, withheld


def test_looking_at_a_case_takes_nothing(case: Case, dana: User) -> None:
    desk(dana, case)
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert not Reading.objects.exists()


def test_who_does_not_read_blind_sees_the_model_from_the_start(
    case: Case, dana: User, open_reading: ReadingPolicy
) -> None:
    page = desk(dana, case).content.decode()
    assert "Confirm Melanoma" in page
    assert "data-saliency" in page
    assert "Sign and next" in page


def test_the_image_asked_for_is_on_the_stage_and_its_lesion_open(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    image = case.images.get(lesion__number=2)
    shown = desk(dana, case, image=str(image.pk)).context["desk"]
    assert shown.image == image
    assert [place.is_open for place in shown.places] == [False, True]
    assert desk(dana, case, image="nonsense").status_code == 200


def test_a_draft_cannot_be_read_and_what_is_closed_leads_to_its_page(
    case: Case, dana: User
) -> None:
    Case.objects.update(state="draft")
    refused = desk(dana, case)
    assert refused.status_code == 409
    assert "is still a draft" in refused.content.decode()
    Case.objects.update(state="cancelled", cancelled_reason="Twice.")
    assert desk(dana, case).headers["Location"] == reverse("case-detail", args=[case.pk])


def test_the_desk_is_not_kept_by_the_browser(case: Case, dana: User) -> None:
    assert "no-store" in desk(dana, case).headers["Cache-Control"]


@pytest.mark.parametrize("shape", ["commit", "sign", "decide"])
def test_twenty_images_of_five_lesions_take_as_many_queries_as_one(
    northside: Organisation, dana: User, shape: str
) -> None:
    if shape == "sign":
        ReadingPolicy.objects.create(organisation=northside, blind=False)
    counts = []
    for lesions, images in ((1, 1), (5, 4)):
        case = waiting_case(northside, lesions=lesions, images=images)
        if shape == "decide":
            decided(case, dana)
        client = signed_in(dana)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("case-review", args=[case.pk]))
        assert response.context["desk"].shape == shape
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_the_dermoscopic_picture_lies_on_the_stage(case: Case, dana: User) -> None:
    """Whatever was photographed first: the close-up is beside it on the film strip."""
    first = case.images.get()
    LesionImage.objects.filter(pk=first.pk).update(kind="close_up")
    dermoscopic = add_picture(case, first.lesion)
    page = signed_in(dana).get(reverse("case-review", args=[case.pk]))
    assert page.context["desk"].image == dermoscopic
    asked = signed_in(dana).get(reverse("case-review", args=[case.pk]), {"image": str(first.pk)})
    assert asked.context["desk"].image == first


def test_a_reveal_of_what_is_no_lesion_is_the_desk_again(case: Case, dana: User) -> None:
    reading = commit_reading(
        case=case, reader=dana, opinions={case.images.get().lesion_id: {
            "diagnosis": diagnosis("nevus"), "management": "discharge"}},
    )  # fmt: skip
    answer = signed_in(dana).post(
        reverse("case-reveal", args=[reading.case_id]), {"lesion": "1"},
        headers={"hx-request": "true"},
    )  # fmt: skip
    assert answer.status_code == 302
