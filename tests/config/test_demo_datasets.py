"""The demo's data set: described, sealed, frozen, exported; once, where there is enough."""

import pytest

from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import Dataset, DatasetExport, DatasetRow, DatasetVersion, SealedTestSet
from clinic.selectors.datasets import visible_dataset_versions
from clinic.services.datasets import describe_dataset, seal_test_set
from config.demo.datasets import ensure_dataset
from tests.clinic.dataset_record import a_record


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_newcomer_finds_a_frozen_version_and_its_zip(
    northside: Organisation, ada: User, said: list[str]
) -> None:
    a_record(northside, 30)
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)

    version = visible_dataset_versions(ada).get()
    assert (version.number, version.frozen_by) == (1, ada)
    sealed = SealedTestSet.objects.get(organisation=northside)
    assert sealed.version.patient_count == round(30 * 0.2)
    assert version.patient_count == 30 - sealed.version.patient_count
    of_version, of_sealed = (
        set(DatasetRow.objects.filter(version=v).values_list("patient", flat=True))
        for v in (version, sealed.version)
    )
    assert of_version.isdisjoint(of_sealed)
    export = DatasetExport.objects.get()
    assert (export.state, export.format, export.delivery) == ("succeeded", "isic", "zip")
    assert export.size_bytes > 0
    counted = f"{version.image_count} images of {version.patient_count} patients"
    assert said == [f"  Northside Hospital: {counted} frozen as a data set"]


def test_a_second_run_changes_nothing(northside: Organisation, ada: User, said: list[str]) -> None:
    a_record(northside, 30)
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)
    a_record(northside, 5)
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)
    assert Dataset.objects.count() == DatasetExport.objects.count() == len(said) == 1
    assert DatasetVersion.objects.filter(kind="training").count() == 1


def test_a_data_set_of_ones_own_is_left_alone(
    northside: Organisation, ada: User, said: list[str]
) -> None:
    a_record(northside, 30)
    describe_dataset(
        name="Mine",
        purpose="To try.",
        organisations=[northside],
        description=Description(),
        actor=ada,
    )
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)
    assert Dataset.objects.get().name == "Mine"
    assert not DatasetVersion.objects.exists()


def test_a_test_set_that_somebody_sealed_stays(
    northside: Organisation, ada: User, said: list[str]
) -> None:
    a_record(northside, 30)
    sealed = seal_test_set(organisation=northside, share=0.4, seed=9, actor=ada)
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)
    assert SealedTestSet.objects.get() == sealed
    assert visible_dataset_versions(ada).get().patient_count == 18


def test_a_record_without_consents_stays_without_and_says_why(
    northside: Organisation, ada: User, said: list[str]
) -> None:
    ensure_dataset(organisation=northside, administrator=ada, said=said.append)
    assert not Dataset.objects.exists()
    assert said[0].startswith("  Northside Hospital: no data set. Northside Hospital has too few")
