"""The sealed test set: once, by patient, in no training set, and every touch is written down."""

import pytest

from accounts.errors import Conflict, DomainError, NotAllowed
from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import SealedTestSet, SealedTestSetUse
from clinic.selectors.datasets import sealed_test_sets, visible_dataset_versions
from clinic.services.datasets import (
    describe_dataset,
    freeze_dataset,
    open_sealed_test_set,
    record_research_consent,
    seal_test_set,
)
from tests.clinic.signed_cases import signed_case
from tests.dataset_factories import a_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(northside: Organisation, dana: User) -> None:
    for number in range(10):
        signed_case(northside, dana, "melanoma" if number % 5 == 0 else "nevus", images=2)


def test_a_share_of_the_patients_is_set_aside_with_all_their_images(
    northside: Organisation, ada: User, cases: None
) -> None:
    sealed = seal_test_set(organisation=northside, share=0.3, seed=1, actor=ada)
    assert (sealed.version.patient_count, sealed.version.image_count) == (3, 6)
    assert set(sealed.version.rows.values_list("split", flat=True)) == {"test"}
    assert sealed.version not in visible_dataset_versions(ada)
    assert list(sealed_test_sets(ada)) == [sealed]


def test_it_is_chosen_once(northside: Organisation, ada: User, cases: None) -> None:
    seal_test_set(organisation=northside, share=0.3, seed=1, actor=ada)
    with pytest.raises(Conflict, match="chosen once"):
        seal_test_set(organisation=northside, share=0.3, seed=2, actor=ada)
    with pytest.raises(Exception, match="sealed_is_sealed"):
        SealedTestSet.objects.update(share=0.1)


def test_no_sealed_patient_is_ever_frozen_for_training(
    northside: Organisation, dana: User, ada: User, cases: None
) -> None:
    sealed = seal_test_set(organisation=northside, share=0.3, seed=1, actor=ada)
    row = sealed.version.rows.select_related("source__case__patient").first()
    assert row is not None
    # The same patient comes again, with a new lesion.
    again = signed_case(northside, dana, "nevus")
    again.patient.cases.update(patient=row.source.case.patient)
    dataset = describe_dataset(
        name="All", purpose="All.", organisations=[northside], description=Description(), actor=ada
    )
    version = freeze_dataset(dataset=dataset, actor=ada).version
    assert version.patient_count == 7
    sealed_pseudonyms = set(sealed.version.rows.values_list("patient", flat=True))
    assert not sealed_pseudonyms & set(version.rows.values_list("patient", flat=True))


def test_patients_whom_a_model_may_know_are_not_chosen(
    northside: Organisation, ada: User, cases: None
) -> None:
    known = [image for case in northside.cases.all()[:8] for image in case.images.all()]
    a_version(*known)
    sealed = seal_test_set(organisation=northside, share=0.5, seed=1, actor=ada)
    assert sealed.version.patient_count == 1
    chosen = set(sealed.version.rows.values_list("source", flat=True))
    assert not chosen & {image.pk for image in known}


def test_refusals(northside: Organisation, ada: User, dana: User) -> None:
    for share, actor, refusal in (
        (0.2, dana, NotAllowed), (0.0, ada, DomainError), (0.9, ada, DomainError),
        (0.2, ada, Conflict),
    ):  # fmt: skip
        with pytest.raises(refusal):
            seal_test_set(organisation=northside, share=share, seed=1, actor=actor)
    assert not SealedTestSet.objects.exists()


def test_each_touch_is_written_down_and_withdrawn_rows_stay_closed(
    northside: Organisation, ada: User, alice: User, cases: None
) -> None:
    sealed = seal_test_set(organisation=northside, share=0.3, seed=1, actor=ada)
    rows = open_sealed_test_set(test_set=sealed, purpose="Comparing 1 with 2", actor=ada)
    assert rows.count() == 6
    patient = rows[0].source.case.patient
    record_research_consent(patient=patient, consent="withdrawn", actor=alice)
    assert open_sealed_test_set(test_set=sealed, purpose="Again", actor=None).count() == 4
    uses = SealedTestSetUse.objects.values_list("purpose", "images", "used_by")
    assert list(uses) == [("Again", 4, None), ("Comparing 1 with 2", 6, ada.pk)]
    with pytest.raises(Exception, match="sealed_use_only_appends"):
        SealedTestSetUse.objects.update(purpose="Nothing")
