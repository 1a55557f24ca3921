"""Consent given, narrowed and withdrawn; and a withdrawal that races a freeze."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from django.db import close_old_connections, connections, transaction
from django.utils import timezone

from accounts.errors import DomainError, NotAllowed
from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.datasets.manifest import ManifestRow, Tombstone
from clinic.models import DatasetTombstone, DatasetVersion, LesionImage
from clinic.selectors.datasets import manifest_rows
from clinic.services.datasets import (
    describe_dataset,
    freeze_dataset,
    record_research_consent,
    seal_test_set,
)
from clinic.services.taxonomy import TAXONOMY_DIR, load_taxonomy
from clinic.signals import consent_withdrawn
from tests.clinic.signed_cases import signed_case
from tests.dataset_factories import a_version
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db


def shared(image: LesionImage, scope: str = "sharing") -> DatasetVersion:
    header = {"description": {"consent": scope}}
    return a_version(image, header=header)


@pytest.fixture
def image(northside: Organisation, dana: User) -> LesionImage:
    return signed_case(northside, dana).images.get()


def test_withdrawn_consent_leaves_a_tombstone_in_every_version(
    image: LesionImage, alice: User
) -> None:
    versions = [shared(image), shared(image, "training")]
    told: list[int] = []

    def listen(rows: list[int], **_: object) -> None:
        told.extend(rows)

    consent_withdrawn.connect(listen)
    try:
        record_research_consent(patient=image.case.patient, consent="withdrawn", actor=alice)
    finally:
        consent_withdrawn.disconnect(listen)
    today = timezone.localdate().isoformat()
    for version in versions:
        assert list(manifest_rows(version)) == [Tombstone(1, today)]
    assert len(told) == 2
    with pytest.raises(Exception, match="tombstone_stays"), transaction.atomic():
        DatasetTombstone.objects.all().delete()


def test_narrower_consent_buries_only_what_was_frozen_to_be_passed_on(
    image: LesionImage, alice: User
) -> None:
    passed_on, kept = shared(image), shared(image, "training")
    record_research_consent(patient=image.case.patient, consent="training", actor=alice)
    assert isinstance(next(manifest_rows(passed_on)), Tombstone)
    assert isinstance(next(manifest_rows(kept)), ManifestRow)


def test_consent_given_again_does_not_raise_the_dead(image: LesionImage, alice: User) -> None:
    version = shared(image)
    for consent in ("withdrawn", "sharing"):
        record_research_consent(patient=image.case.patient, consent=consent, actor=alice)
    assert isinstance(next(manifest_rows(version)), Tombstone)


def test_who_may_record_it_and_what_cannot_be_meant(
    northside: Organisation, alice: User, ada: User, bob: User
) -> None:
    patient = PatientFactory(organisation=northside)
    for stranger in (ada, bob):
        with pytest.raises(NotAllowed):
            record_research_consent(patient=patient, consent="sharing", actor=stranger)
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused: list[Callable[[], object]] = [
        lambda: record_research_consent(patient=patient, consent="maybe", actor=alice),
        lambda: record_research_consent(
            patient=patient, consent="sharing", on=tomorrow, actor=alice
        ),
    ]
    for attempt in refused:
        with pytest.raises(DomainError) as refusal:
            attempt()
        assert refusal.value.field is not None
    record_research_consent(patient=patient, consent="refused", actor=alice)
    with pytest.raises(DomainError, match="has been asked already"):
        record_research_consent(patient=patient, consent="not_asked", actor=alice)
    patient.refresh_from_db()
    assert (patient.research_consent, patient.research_consent_on) == (
        "refused", timezone.localdate(),
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_during_a_freeze_waits_and_leaves_its_tombstone(
    northside: Organisation, dana: User, ada: User, alice: User
) -> None:
    # Tests that commit empty the database, the taxonomy of the migrations with it.
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    cases = [signed_case(northside, dana) for _ in range(6)]
    sealed = seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)
    away = set(sealed.version.rows.values_list("source__case__patient", flat=True))
    patient = next(case.patient for case in cases if case.patient_id not in away)
    dataset = describe_dataset(
        name="All", purpose="All.", organisations=[northside], description=Description(), actor=ada
    )

    def withdraw() -> None:
        close_old_connections()
        record_research_consent(patient=patient, consent="withdrawn", actor=alice)
        connections.close_all()

    with transaction.atomic():
        version = freeze_dataset(dataset=dataset, actor=ada).version
        meanwhile = Thread(target=withdraw)
        meanwhile.start()
        meanwhile.join(timeout=0.5)
        assert meanwhile.is_alive(), "it did not wait for the freeze to end"
    meanwhile.join(timeout=20)
    assert DatasetTombstone.objects.filter(row__version=version).count() == 1
