"""The taxonomy in use."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from clinic.models import Diagnosis
from clinic.selectors import current_taxonomy_version, selectable_diagnoses, taxonomy
from tests.factories import diagnosis

pytestmark = pytest.mark.django_db


def test_headings_and_other_versions_cannot_be_chosen() -> None:
    Diagnosis.objects.create(taxonomy_version="2025.1", code="old", name="Old", malignancy="benign")
    codes = set(selectable_diagnoses().values_list("code", flat=True))
    assert {"melanoma", "vascular"} <= codes
    assert not {"melanocytic", "keratinocytic", "old"} & codes
    assert {entry.diagnosis.code for entry in taxonomy().by_key.values()} == codes


def test_the_tree_is_read_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        tree = taxonomy()
        assert tree.by_class["nv"].name == "Melanocytic nevus"
        assert len(tree.by_class) == 7


def test_a_diagnosis_stands_under_its_heading_with_its_path() -> None:
    tree = taxonomy()
    assert [branch.heading for branch in tree.branches] == [
        "Melanocytic", "Keratinocytic", "Vascular lesion", "Fibrous", "Other",
    ]  # fmt: skip
    spitz = tree.by_key[diagnosis("spitz-nevus").pk]
    assert (spitz.path, spitz.depth) == (("Melanocytic", "Melanocytic nevus"), 2)
    other = tree.branches[-1]
    assert [entry.diagnosis.code for entry in other.entries] == [
        "other-benign", "other-malignant", "cannot-tell",
    ]  # fmt: skip


def test_the_version_in_use_is_loaded() -> None:
    assert Diagnosis.objects.filter(taxonomy_version=current_taxonomy_version()).exists()
