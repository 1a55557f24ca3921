"""The accuracy of the model on cases that were picked at random and have been signed."""

from collections.abc import Callable

import pytest

from accounts.models import Organisation, User
from clinic.models import AnnotationPick, Case
from clinic.services import amend_answer
from clinic.statistics.intervals import Tally, wilson_interval
from inference.models import ModelState, ModelVersion
from inference.selectors.audit import AuditAccuracy, audit_accuracy
from tests.factories import ModelVersionFactory, diagnosis
from tests.inference.seen_cases import see, seen_case, signed_case

NEVUS, MELANOMA = {"nv": 0.9}, {"mel": 0.9}


def picked(case: Case, reason: str = "audit") -> Case:
    rank = AnnotationPick.objects.count() + 1
    AnnotationPick.objects.create(
        case=case, organisation=case.organisation, rank=rank, reason=reason
    )
    return case


def test_right_and_wrong_are_counted_with_wilsons_interval(
    northside: Organisation, dana: User
) -> None:
    for shares, code in (
        (NEVUS, "nevus"), (NEVUS, "nevus"), (NEVUS, "nevus"), (MELANOMA, "nevus"),
        (MELANOMA, "melanoma"), (NEVUS, "melanoma"),
    ):  # fmt: skip
        picked(signed_case(northside, dana, shares=shares, code=code))
    audit = audit_accuracy(northside)
    assert (audit.picked, audit.signed, audit.lesions) == (6, 6, 6)
    assert audit.accuracy == wilson_interval(Tally(4, 6))
    assert audit.balanced_accuracy is not None
    assert audit.balanced_accuracy.value == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert audit.balanced_accuracy.n == 6


def test_only_what_was_drawn_for_the_audit_counts(northside: Organisation, dana: User) -> None:
    picked(signed_case(northside, dana, shares=NEVUS, code="nevus"))
    for reason in ("uncertain", "different", "disagreement", "scarce", "random"):
        picked(signed_case(northside, dana, shares=MELANOMA, code="nevus"), reason)
    signed_case(northside, dana, shares=MELANOMA, code="nevus")
    audit = audit_accuracy(northside)
    assert (audit.picked, audit.lesions) == (1, 1)
    assert audit.accuracy is not None
    assert audit.accuracy.value == 1


def test_what_still_waits_is_picked_and_not_signed(northside: Organisation, dana: User) -> None:
    picked(seen_case(northside, shares=MELANOMA))
    assert audit_accuracy(northside) == AuditAccuracy(picked=1)
    picked(signed_case(northside, dana, shares=NEVUS, code="nevus"))
    audit = audit_accuracy(northside)
    assert (audit.picked, audit.signed, audit.lesions) == (2, 1, 1)


def test_a_diagnosis_in_a_class_counts_as_the_class_and_one_in_none_for_nothing(
    northside: Organisation, dana: User
) -> None:
    picked(signed_case(northside, dana, shares=MELANOMA, code="melanoma-in-situ"))
    picked(signed_case(northside, dana, shares=NEVUS, code="other-benign"))
    audit = audit_accuracy(northside)
    assert (audit.lesions, audit.outside_classes) == (1, 1)
    assert audit.accuracy is not None
    assert audit.accuracy.value == 1


def test_a_new_model_is_not_judged_by_what_the_old_one_said(
    northside: Organisation, dana: User
) -> None:
    """Nor by what it says itself of cases that it may have learned from."""
    case = picked(signed_case(northside, dana, shares=MELANOMA, code="nevus"))
    old = ModelVersion.objects.get()
    ModelVersion.objects.update(state=ModelState.RETIRED)
    ModelVersionFactory()
    see(case.images.get(), **NEVUS)
    audit = audit_accuracy(northside)
    assert (audit.signed, audit.lesions, audit.not_shown) == (1, 0, 1)
    assert audit.accuracy is None
    assert audit.balanced_accuracy is None
    before = audit_accuracy(northside, old)
    assert before.accuracy is not None
    assert before.accuracy.value == 0


def test_an_amended_answer_is_the_truth_and_the_first_opinion_shown_is_judged(
    northside: Organisation, dana: User
) -> None:
    case = picked(signed_case(northside, dana, shares=MELANOMA, code="nevus"))
    lesion = case.images.get().lesion
    amend_answer(
        case=case, reader=dana, reason="The report came.", based_on=case.answer,
        opinions={lesion.pk: {"diagnosis": diagnosis("melanoma"), "management": "excise"}},
    )  # fmt: skip
    audit = audit_accuracy(northside)
    assert audit.lesions == 1
    assert audit.accuracy is not None
    assert audit.accuracy.value == 1


def test_the_figures_of_each_organisation_are_its_own(
    northside: Organisation, southside: Organisation, dana: User
) -> None:
    picked(signed_case(northside, dana, shares=NEVUS, code="nevus"))
    assert audit_accuracy(southside) == AuditAccuracy()


def test_without_a_model_nothing_is_judged(northside: Organisation, dana: User) -> None:
    picked(signed_case(northside, dana, shares=NEVUS, code="nevus"))
    ModelVersion.objects.update(state=ModelState.RETIRED)
    assert audit_accuracy(northside) == AuditAccuracy(picked=1, signed=1)


def test_the_number_of_queries_does_not_grow_with_the_audit(
    northside: Organisation, dana: User, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(5):
        picked(signed_case(northside, dana, shares=NEVUS, code="nevus"))
    with django_assert_max_num_queries(6):
        audit_accuracy(northside)
