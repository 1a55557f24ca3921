"""A frozen version: what it says, that it never changes, and that it is made once."""

import hashlib
import json
from collections import Counter
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.errors import NotAllowed
from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.datasets.description import Description
from clinic.datasets.manifest import ManifestRow, manifest_digest, manifest_lines
from clinic.models import Dataset, DatasetRow, DatasetVersion
from clinic.selectors.datasets import manifest_rows, visible_dataset_versions, visible_datasets
from clinic.services.datasets import (
    NoSealedTestSet,
    NothingToFreeze,
    describe_dataset,
    freeze_dataset,
    redescribe_dataset,
    seal_test_set,
)
from tests.clinic.signed_cases import only_image, signed_case

pytestmark = pytest.mark.django_db


def a_record(organisation: Organisation, reader: User, cases: int = 10) -> None:
    for number in range(cases):
        signed_case(organisation, reader, "melanoma" if number % 5 == 0 else "nevus", images=1)


def described(
    actor: User, *organisations: Organisation, name: str = "Spring", **description: Any
) -> Dataset:
    return describe_dataset(
        name=name,
        purpose="The next model.",
        organisations=organisations,
        description=Description(**description),
        actor=actor,
    )


@pytest.fixture
def sealed(northside: Organisation, dana: User, ada: User) -> None:
    """Ten signed cases, of which two are set aside."""
    a_record(northside, dana)
    seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)


@pytest.fixture
def version(northside: Organisation, ada: User, sealed: None) -> DatasetVersion:
    return freeze_dataset(dataset=described(ada, northside), actor=ada).version


def rows_of(version: DatasetVersion) -> list[ManifestRow]:
    return [row for row in manifest_rows(version) if isinstance(row, ManifestRow)]


def test_a_version_holds_the_record_and_its_manifest_has_its_digest(
    version: DatasetVersion,
) -> None:
    rows = rows_of(version)
    assert [row.number for row in rows] == list(range(1, 9))
    assert (version.image_count, version.patient_count, version.lesion_count) == (8, 8, 8)
    assert version.counts["label"] == Counter(row.label for row in rows)
    assert version.left_out == {"sealed": 2}
    assert version.digest == manifest_digest(version.header, rows)
    manifest = b"".join(manifest_lines(version.header, rows))
    assert hashlib.sha256(manifest).hexdigest() == version.digest
    header = json.loads(manifest.splitlines()[0])
    assert header["description"]["seed"] == 1
    splits = "".join(f"{row.image}\t{row.split}\n" for row in rows)
    assert hashlib.sha256(splits.encode()).hexdigest() == version.split_digest


def test_the_same_description_on_the_same_record_has_the_same_digest(
    northside: Organisation, ada: User, version: DatasetVersion
) -> None:
    assert version.dataset is not None
    again = freeze_dataset(dataset=version.dataset, actor=ada)
    assert (again.version, again.is_new) == (version, False)
    assert DatasetRow.objects.filter(version__kind="training").count() == 8
    other = freeze_dataset(dataset=described(ada, northside, name="Other"), actor=ada)
    assert other.is_new
    assert other.version.digest == version.digest


def test_a_record_that_moved_on_makes_a_second_version_and_leaves_the_first(
    northside: Organisation, dana: User, ada: User, version: DatasetVersion
) -> None:
    before = rows_of(version)
    signed_case(northside, dana, "melanoma")
    assert version.dataset is not None
    frozen = freeze_dataset(dataset=version.dataset, actor=ada)
    assert (frozen.is_new, frozen.version.number, frozen.version.image_count) == (True, 2, 9)
    assert rows_of(version) == before
    # The pseudonyms are the same ones.
    assert {row.patient for row in before} < {row.patient for row in rows_of(frozen.version)}


@pytest.mark.parametrize("change", [{"seed": 2}, {"train_share": 0.5}, {"consent": "sharing"}])
def test_another_description_is_another_digest(
    northside: Organisation, ada: User, version: DatasetVersion, change: dict[str, Any]
) -> None:
    other = freeze_dataset(dataset=described(ada, northside, **change), actor=ada).version
    assert other.digest != version.digest


def test_patients_are_in_one_part_and_their_names_in_none(
    northside: Organisation, dana: User, ada: User, sealed: None
) -> None:
    telling = signed_case(
        northside, dana, images=3, family_name="Quetzalcoatl", medical_record_number="MRN-4711"
    )
    version = freeze_dataset(dataset=described(ada, northside), actor=ada).version
    rows = rows_of(version)
    parts: dict[str, set[str]] = {}
    for row in rows:
        parts.setdefault(row.patient, set()).add(row.split)
    assert all(len(found) == 1 for found in parts.values())
    assert max(Counter(row.patient for row in rows).values()) == 3
    manifest = b"".join(manifest_lines(version.header, rows)).decode()
    image = telling.images.first()
    assert image is not None
    for secret in ("Quetzalcoatl", "MRN-4711", "northside", "Northside", str(telling.patient_id),
                   str(image.pk), image.pk.hex, str(image.file)):  # fmt: skip
        assert secret not in manifest


def test_nothing_changes_a_version_or_its_rows_or_joins_them(version: DatasetVersion) -> None:
    row = version.rows.first()
    assert row is not None
    joining = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    for attempt in (
        lambda: DatasetVersion.objects.update(seed=2),
        lambda: DatasetRow.objects.update(label="mel"),
        lambda: DatasetRow.objects.filter(pk=row.pk).delete(),
        lambda: DatasetVersion.objects.filter(pk=version.pk)._raw_delete("default"),
        lambda: DatasetRow.objects.create(**joining | {"id": None, "number": 99}),
    ):
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            attempt()
    assert version.digest == manifest_digest(version.header, rows_of(version))


def test_nothing_is_frozen_before_a_test_set_is_sealed(
    northside: Organisation, dana: User, ada: User
) -> None:
    signed_case(northside, dana)
    with pytest.raises(NoSealedTestSet, match="Northside Hospital has no sealed test set yet"):
        freeze_dataset(dataset=described(ada, northside), actor=ada)
    assert not DatasetVersion.objects.exists()


def test_a_description_that_takes_nothing_freezes_nothing(
    northside: Organisation, ada: User, sealed: None
) -> None:
    dataset = described(ada, northside, classes=("df",))
    with pytest.raises(NothingToFreeze):
        freeze_dataset(dataset=dataset, actor=ada)
    assert not dataset.versions.exists()


def test_only_who_administers_every_organisation_may(
    northside: Organisation, southside: Organisation, ada: User, dana: User, bob: User
) -> None:
    for person in (dana, bob):
        with pytest.raises(NotAllowed):
            described(person, northside)
    with pytest.raises(NotAllowed):
        described(ada, northside, southside)
    grant_role(user=ada, organisation=southside, role=Role.ADMINISTRATOR)
    both = described(User.objects.get(pk=ada.pk), northside, southside)
    assert both in visible_datasets(ada)
    grant_role(user=ada, organisation=southside, role=Role.CLINICIAN)
    ada = User.objects.get(pk=ada.pk)
    assert both not in visible_datasets(ada)
    with pytest.raises(NotAllowed):
        redescribe_dataset(
            dataset=both, actor=ada, name="Mine", purpose="Mine alone.",
            organisations=[northside], description=Description(),
        )  # fmt: skip


def test_versions_are_seen_by_the_administrators_of_their_organisations(
    version: DatasetVersion, ada: User, dana: User, bob: User
) -> None:
    seen = [list(visible_dataset_versions(person)) for person in (ada, dana, bob)]
    assert seen == [[version], [], []]


def test_the_same_patient_of_two_organisations_has_two_pseudonyms(
    northside: Organisation, southside: Organisation, ada: User, dana: User, sealed: None
) -> None:
    for role in (Role.DERMATOLOGIST, Role.ADMINISTRATOR):
        grant_role(
            user=dana if role == Role.DERMATOLOGIST else ada, organisation=southside, role=role
        )
    people = [User.objects.get(pk=person.pk) for person in (dana, ada)]
    a_record(southside, people[0])
    seal_test_set(organisation=southside, share=0.2, seed=1, actor=people[1])
    same = {"family_name": "Halvorsen", "medical_record_number": "1", "birth_date": "1970-01-01"}
    pictures = []
    for organisation in (northside, southside):
        case = signed_case(organisation, people[0], **same)
        pictures.append(only_image(case).sha256)
    version = freeze_dataset(
        dataset=described(people[1], northside, southside), actor=people[1]
    ).version
    rows = [row for row in rows_of(version) if row.sha256 in pictures]
    assert len({row.patient for row in rows}) == 2
    assert len({row.organisation for row in rows_of(version)}) == 2
