"""The whole loop for real, on generated images: what is signed becomes the next model and goes."""

import csv
import random
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import LazySettings

from benchmarks._whole_loop import Walk
from clinic.models import DatasetVersion, SealedTestSetUse
from clinic.services.taxonomy import TAXONOMY_DIR, load_taxonomy
from inference.models import ModelState, ModelVersion, Prediction
from inference.services import activate_model
from tests.inference.training.generated import make_data_set
from tests.inference.training_runs.frozen import QUICK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.model]


def in_any_order(metadata: Path) -> int:
    """Shuffle the file by lesion, so that its first rows hold every class; returns its length."""
    with metadata.open(newline="") as file:
        rows = list(csv.DictReader(file))
    lesions: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        lesions.setdefault(row["lesion_id"], []).append(row)
    order = list(lesions.values())
    random.Random(4).shuffle(order)
    with metadata.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(row for lesion in order for row in lesion)
    return len(rows)


def test_what_is_signed_trains_the_next_model_and_the_next_model_can_be_taken_back(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.COMPARISON_FEWEST_IMAGES, settings.COMPARISON_FEWEST_MALIGNANT = 10, 3
    settings.COMPARISON_RESAMPLES = 200
    images, metadata = make_data_set(tmp_path, lesions_a_class=16, size=64)
    total = in_any_order(metadata)
    # Tests that commit empty the database, the taxonomy of the migrations with it.
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    walk = Walk.begin(metadata, second_reads=20)

    # Signed cases become a frozen data set, apart from what is sealed; the first model is trained.
    walk.bring_in(images, metadata, limit=total // 2)
    walk.read_everything()
    walk.seal(0.25)
    first_version = walk.freeze()
    first = walk.retrain(first_version, recipe="resnet18", settings=QUICK)
    activate_model(version=first, actor=walk.administrator)

    # Readers work on with it; what they sign makes a second version and a challenger.
    walk.bring_in(images, metadata, limit=total * 3 // 4)
    walk.answer()
    walk.read_everything()
    shown = walk.what_was_shown()
    assert sum(bool(opinion) for opinion in shown.values()) > 10
    second_version = walk.freeze()
    assert second_version.image_count > first_version.image_count
    for name in ("isic", "manifest"):
        walk.export(second_version, name, tmp_path / f"{name}.zip")
        with ZipFile(tmp_path / f"{name}.zip") as archive:
            assert archive.testzip() is None
    second = walk.retrain(second_version, recipe="resnet18", settings=QUICK, start_from=first)
    lineage = second.training["lineage"]
    assert lineage["data_set_digest"] == second_version.digest
    assert lineage["split_digest"] == second_version.split_digest
    assert lineage["parent"]["digest"] == first.digest
    assert lineage["code_revision"]

    # The sealed test set decides; the shadow answers unseen; one action takes it back.
    comparison = walk.compare(second)
    assert comparison.champion == first
    assert SealedTestSetUse.objects.count() == 1
    walk.shadow(second, images, metadata, limit=total)
    walk.promote_and_roll_back(second, comparison)

    # Every prediction keeps the version that made it, and what was shown is what was shown.
    assert walk.what_was_shown() == shown
    makers = set(Prediction.objects.values_list("model_version", flat=True))
    assert makers == {first.pk, second.pk}
    assert ModelVersion.objects.get(state=ModelState.ACTIVE) == first
    sealed = set(DatasetVersion.objects.get(kind="sealed").rows.values_list("patient", flat=True))
    for version in (first_version, second_version):
        assert not sealed & set(version.rows.values_list("patient", flat=True))
