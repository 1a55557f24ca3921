"""PostgreSQL with pgvector and this process's memory find the same images in the same order."""

from array import array
from unittest.mock import patch
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from clinic.models import Lesion, LesionImage
from inference.models import ImageFeatures, ModelVersion, Prediction
from inference.similarity import in_memory
from inference.similarity.in_memory import KeptVectors, nearest_in_memory
from inference.similarity.vectors import PACKED, unpacked
from inference.similarity.with_pgvector import has_pgvector, nearest_with_pgvector
from tests.factories import (
    CaseFactory,
    ModelVersionFactory,
)

pytestmark = pytest.mark.django_db

WIDTH = 512


@pytest.fixture(autouse=True)
def fresh_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "_vectors", KeptVectors())


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersionFactory()


def pictures(count: int, *, a_lesion: int = 1) -> list[LesionImage]:
    """Rows without files: only keys matter here."""
    case = CaseFactory()
    lesions = Lesion.objects.bulk_create(
        Lesion(patient=case.patient, number=number + 1, body_site="forearm", side="left")
        for number in range(-(-count // a_lesion))
    )
    images = [
        LesionImage(
            case=case,
            lesion=lesions[number // a_lesion],
            sha256=f"{number:064x}",
            media_type="image/jpeg",
            width=600,
            height=450,
            size_bytes=1,
            file=f"images/{number}.jpg",
            thumbnail=f"thumbnails/{number}.jpg",
        )
        for number in range(count)
    ]
    return LesionImage.objects.bulk_create(images)


def features(version: ModelVersion, vectors: np.ndarray, *, a_lesion: int = 1) -> list[UUID]:
    """Store unit vectors (N, F), one an image; returns the predictions' keys."""
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    rows = Prediction.objects.bulk_create(
        Prediction(
            image=image, model_version=version, state="succeeded", queued_at=timezone.now(),
            finished_at=timezone.now(), malignancy=0.5, probabilities={"mel": 0.5, "nv": 0.5},
        )
        for image in pictures(len(unit), a_lesion=a_lesion)
    )  # fmt: skip
    ImageFeatures.objects.bulk_create(
        ImageFeatures(prediction=row, vector=vector.tolist())
        for row, vector in zip(rows, unit, strict=True)
    )
    return [row.pk for row in rows]


def vectors_with_ties(count: int, seed: int = 5) -> np.ndarray:
    """Like a network's features: none is negative; every sixth is a copy of the one before."""
    random = np.random.default_rng(seed)
    vectors = random.gamma(0.7, size=(count, WIDTH))
    vectors[5::6] = vectors[4::6][: len(vectors[5::6])]
    return vectors


def test_where_the_role_may_not_create_the_extension_the_migration_left_it_and_all_works(
    version: ModelVersion,
) -> None:
    """The tests' role is no superuser, and this extension is not marked as trusted."""
    assert not has_pgvector()
    keys = features(version, vectors_with_ties(3))
    asked = ImageFeatures.objects.get(pk=keys[0])
    assert len(nearest_in_memory(asked, ImageFeatures.objects.exclude(pk=keys[0]), 5)) == 2


@pytest.mark.usefixtures("pgvector")
@pytest.mark.parametrize("count", [1, 5, 40])
@pytest.mark.parametrize("a_lesion", [1, 3])
def test_both_give_identical_answers_ties_included(
    version: ModelVersion, count: int, a_lesion: int
) -> None:
    keys = features(version, vectors_with_ties(300), a_lesion=a_lesion)
    assert has_pgvector()
    for key in keys[:60:7]:
        asked = ImageFeatures.objects.get(pk=key)
        among = ImageFeatures.objects.exclude(pk=key)
        by_postgres = nearest_with_pgvector(asked, among, count)
        assert by_postgres == nearest_in_memory(asked, among, count)
        assert len(by_postgres) == count


@pytest.mark.usefixtures("pgvector")
def test_hundreds_that_are_equally_far_are_told_apart_by_their_keys(version: ModelVersion) -> None:
    """More ties than PostgreSQL is asked for at first."""
    same = np.tile(np.random.default_rng(1).gamma(0.7, size=WIDTH), (200, 1))
    keys = features(version, same)
    asked = ImageFeatures.objects.get(pk=keys[0])
    found = nearest_with_pgvector(asked, ImageFeatures.objects.all(), 5)
    assert found == nearest_in_memory(asked, ImageFeatures.objects.all(), 5)
    smallest = sorted(Prediction.objects.values_list("image_id", flat=True))[:5]
    assert [row.image for row in found] == smallest


@pytest.mark.usefixtures("pgvector")
def test_nearly_equal_distances_that_four_bytes_cannot_tell_apart_are_settled_alike(
    version: ModelVersion,
) -> None:
    random = np.random.default_rng(2)
    base = random.gamma(0.7, size=WIDTH)
    nearly = base + random.normal(scale=1e-5, size=(150, WIDTH))
    keys = features(version, np.vstack([base, nearly]))
    asked = ImageFeatures.objects.get(pk=keys[0])
    among = ImageFeatures.objects.exclude(pk=keys[0])
    assert nearest_with_pgvector(asked, among, 7) == nearest_in_memory(asked, among, 7)


def test_what_was_stored_is_what_is_compared(version: ModelVersion) -> None:
    vectors = vectors_with_ties(3)
    features(version, vectors)
    for row in ImageFeatures.objects.annotate(packed=PACKED):
        assert unpacked(row.packed) == array("f", row.vector)


def test_memory_fetches_each_vector_once_and_again_only_when_it_was_answered_again(
    version: ModelVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = features(version, vectors_with_ties(30))
    asked = ImageFeatures.objects.get(pk=keys[0])
    among = ImageFeatures.objects.exclude(pk=keys[0])
    with django_assert_num_queries(2):
        before = nearest_in_memory(asked, among, 5)
    with django_assert_num_queries(1):
        assert nearest_in_memory(asked, among, 5) == before

    nearest = ImageFeatures.objects.get(prediction__image=before[0].image)
    ImageFeatures.objects.filter(pk=nearest.pk).update(vector=[0.0] * (WIDTH - 1) + [1.0])
    Prediction.objects.filter(pk=nearest.pk).update(finished_at=timezone.now())
    with django_assert_num_queries(2):
        after = nearest_in_memory(asked, among, 5)
    assert before[0].image not in {row.image for row in after}


def test_a_row_that_is_deleted_while_it_is_looked_for_is_left_out(version: ModelVersion) -> None:
    keys = features(version, vectors_with_ties(4))
    asked = ImageFeatures.objects.get(pk=keys[0])
    rows = list(
        ImageFeatures.objects.values_list(
            "pk", "prediction__finished_at", "prediction__image_id", "prediction__image__lesion_id"
        )
    )
    ImageFeatures.objects.filter(pk=keys[1]).delete()
    memory = KeptVectors()
    assert len(list(memory.candidates(rows))) == 3
    assert len(asked.vector) == WIDTH


def test_memory_that_has_seen_too_much_begins_anew(version: ModelVersion) -> None:
    keys = features(version, vectors_with_ties(12))
    asked = ImageFeatures.objects.get(pk=keys[0])
    with patch.object(in_memory, "MOST_KEPT", 5):
        nearest_in_memory(asked, ImageFeatures.objects.filter(pk__in=keys[:8]), 3)
        found = nearest_in_memory(asked, ImageFeatures.objects.filter(pk__in=keys[8:]), 3)
    assert len(found) == 3
    assert len(in_memory._vectors._kept) == 4
