"""Which images of the record a description takes, and why it leaves the others."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import Case
from clinic.selectors import own_reading
from clinic.selectors.datasets import LabelledImage, labelled_images
from clinic.services import amend_answer
from tests.clinic.reading_cases import add_picture, second_dermatologist, sign_as
from tests.clinic.signed_cases import (
    confirm,
    consented_case,
    every_case_is_read_twice,
    only_image,
    signed_case,
)
from tests.factories import LesionFactory, diagnosis

pytestmark = pytest.mark.django_db


def taken(organisation: Organisation, **description: Any) -> list[LabelledImage]:
    return list(labelled_images([organisation], Description(**description)))


def left_out(organisation: Organisation, **description: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    assert list(labelled_images([organisation], Description(**description), left_out=counts)) == []
    return counts


def test_a_signed_consented_image_is_taken_with_what_is_known_of_it(
    northside: Organisation, dana: User
) -> None:
    case = signed_case(northside, dana, sex="female", birth_date=date(1979, 3, 2))
    [row] = taken(northside)
    image = only_image(case)
    assert (row.image_id, row.sha256, row.patient_id) == (image.pk, image.sha256, case.patient_id)
    assert (row.label.label, row.label.diagnosis, row.malignancy) == ("nv", "nevus", "benign")
    assert (row.label.source, row.label.readers, row.label.model_shown) == ("single", 1, False)
    assert (row.sex, row.age, row.consent) == ("female", 45, "sharing")


def test_two_readers_who_agree_and_pathology_that_outranks_them(
    northside: Organisation, dana: User, ada: User
) -> None:
    every_case_is_read_twice(northside, ada)
    case = consented_case(northside)
    erin = second_dermatologist(northside)
    sign_as(dana, case, "nevus")
    sign_as(erin, case, "nevus")
    [row] = taken(northside)
    assert (row.label.source, row.label.readers, row.label.agreement) == ("concordant", 2, 1.0)
    confirm(case, "nevus", "follow_up")
    confirm(case, "melanoma-in-situ")
    confirm(case, "nevus", "consensus")
    [row] = taken(northside)
    assert (row.label.label, row.label.diagnosis) == ("mel", "melanoma-in-situ")
    assert (row.label.source, row.confirmation, row.label.agreement) == ("pathology", "histo", 0.0)


def test_the_amended_answer_is_the_label(northside: Organisation, dana: User) -> None:
    case = signed_case(northside, dana, "nevus")
    lesion = only_image(case).lesion
    based_on = own_reading(dana, case)
    assert based_on is not None
    amend_answer(
        case=case, reader=dana, reason="Looked at it again with a colleague.", based_on=based_on,
        opinions={lesion.pk: {"diagnosis": diagnosis("melanoma"), "management": "excise"}},
    )  # fmt: skip
    [row] = taken(northside)
    assert (row.label.label, row.label.agreement, row.label.model_shown) == ("mel", 0.0, True)


@pytest.mark.parametrize(
    ("reason", "description", "patient"),
    [
        ("no_consent", {}, {"research_consent": "refused"}),
        ("no_consent", {}, {"research_consent": "withdrawn"}),
        ("no_consent", {}, {"research_consent": "not_asked", "research_consent_on": None}),
        ("no_consent", {"consent": "sharing"}, {"research_consent": "training"}),
        ("image_kind", {"image_kinds": ("close_up",)}, {}),
        ("dates", {"signed_to": timezone.localdate() - timedelta(days=2)}, {}),
        ("dates", {"signed_from": timezone.localdate() + timedelta(days=2)}, {}),
        ("classes", {"classes": ("mel",)}, {}),
        ("label_source", {"label_sources": ("pathology",)}, {}),
    ],
)
def test_what_is_left_out_is_counted_with_its_reason(
    northside: Organisation,
    dana: User,
    reason: str,
    description: dict[str, Any],
    patient: dict[str, Any],
) -> None:
    signed_case(northside, dana, **patient)
    assert left_out(northside, **description) == {reason: 1}


def test_an_unsigned_case_and_a_colleague_s_hospital_give_nothing(
    northside: Organisation, southside: Organisation, dana: User
) -> None:
    consented_case(northside)
    assert left_out(northside) == {"not_signed": 1}
    assert left_out(southside) == {}


def test_readers_who_agree_too_little_are_left_out_but_pathology_needs_nobody(
    northside: Organisation, dana: User
) -> None:
    case = signed_case(northside, dana)
    based_on = own_reading(dana, case)
    assert based_on is not None
    amend_answer(
        case=case, reader=dana, reason="Looked at it again with a colleague.", based_on=based_on,
        opinions={
            only_image(case).lesion_id: {"diagnosis": diagnosis("melanoma"), "management": "excise"}
        },
    )  # fmt: skip
    assert left_out(northside, minimum_agreement=0.5) == {"agreement": 1}
    confirm(case, "melanoma")
    assert len(taken(northside, minimum_agreement=1.0)) == 1


def test_the_same_picture_of_two_patients_is_taken_once(
    northside: Organisation, dana: User
) -> None:
    for _ in range(2):
        case = consented_case(northside)
        case.images.update(sha256="ab" * 32)
        sign_as(dana, case)
    counts: Counter[str] = Counter()
    assert len(list(labelled_images([northside], Description(), left_out=counts))) == 1
    assert counts == {"duplicate": 1}


def test_several_lesions_have_their_own_labels(northside: Organisation, dana: User) -> None:
    case = consented_case(northside)
    add_picture(case, LesionFactory(patient=case.patient))
    sign_as(dana, case)
    confirm_one = Case.objects.get(pk=case.pk).images.order_by("pk")[0].lesion
    confirm_one.pathology_results.create(diagnosis=diagnosis("melanoma"), method="histo")
    assert sorted(row.label.label for row in taken(northside)) == ["mel", "nv"]


def test_the_number_of_queries_does_not_grow_with_the_images(
    northside: Organisation, dana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for images in (1, 3):
        signed_case(northside, dana, images=images)
        with django_assert_num_queries(6):
            taken(northside)
