"""What a writer is given: regions as they were signed, under pseudonyms."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import DatasetVersion, LesionImage, PseudonymKey
from clinic.selectors.datasets import manifest_rows
from clinic.selectors.frozen_versions import frozen_version
from clinic.services.annotations import delete_annotation
from tests.clinic.annotated import draw, ellipse, on_the_desk
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.dataset_factories import a_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(northside: Organisation, dana: User) -> LesionImage:
    PseudonymKey.objects.create(organisation=northside)
    return on_the_desk(waiting_case(northside, answer="none"), dana)


def regions(version: DatasetVersion) -> list[tuple[str, float]]:
    frozen = frozen_version(version)
    return sorted(
        (region.label, region.points[0][0]) for region in frozen.regions(list(frozen.kept()))
    )


def test_the_newest_version_of_each_region_counts_and_deleted_ones_do_not(
    image: LesionImage, dana: User
) -> None:
    first = draw(image, dana, label="globules")
    draw(image, dana, key=first.key, version=1, label="streaks")
    gone = draw(image, dana, label="lesion_border")
    delete_annotation(image=image, actor=dana, key=gone.key, version=1)
    sign_as(dana, image.case)
    assert [label for label, _ in regions(a_version(image))] == ["streaks"]


def test_what_is_not_signed_is_nobodys_business(image: LesionImage, dana: User) -> None:
    draw(image, dana)
    assert regions(a_version(image)) == []


def test_what_was_signed_after_the_freeze_is_not_in_it(image: LesionImage, dana: User) -> None:
    draw(image, dana, target=ellipse())
    before = a_version(image)
    sign_as(dana, image.case)
    assert regions(before) == []
    after = a_version(image)
    assert len(regions(after)) == 1
    assert before.created_at < timezone.now() - timedelta(0)


def test_a_reader_has_the_same_pseudonym_everywhere_and_it_is_not_the_key(
    image: LesionImage, dana: User
) -> None:
    row = draw(image, dana, text="as I told Frau Kunigunde")
    draw(image, dana, label="streaks")
    sign_as(dana, image.case)
    frozen = frozen_version(a_version(image))
    one, other = frozen.regions(list(frozen.kept()))
    assert one.reader == other.reader
    assert one.reader.startswith("R-")
    told = repr((one, other))
    assert dana.pk.hex not in told
    assert str(row.key) not in told
    assert "Kunigunde" not in told


def test_labels_have_their_column_of_isic_2019_and_their_words(image: LesionImage) -> None:
    frozen = frozen_version(a_version(image))
    assert frozen.isic2019["mel"] == "MEL"
    assert frozen.isic2019["akiec"] == "AK"
    assert frozen.isic2019["squamous-cell-carcinoma"] == "SCC"
    assert "other-benign" not in frozen.isic2019
    assert frozen.class_names["nv"] == "Melanocytic nevus"


def test_rows_go_on_after_a_number(northside: Organisation) -> None:
    from tests.clinic.exported import pictured_version

    version = pictured_version(northside, 4)
    assert [row.number for row in manifest_rows(version, after=2)] == [3, 4]
