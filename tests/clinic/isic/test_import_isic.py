"""`manage.py import_isic`, on a folder made here."""

import csv
import random
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.models import Organisation
from clinic.models import Case, CaseState, Lesion, LesionImage, PathologyResult, Patient
from clinic.services import import_isic as import_service
from clinic.tasks import make_renditions_task, sweep_renditions_task
from inference.models import Prediction
from tests.factories import ModelVersionFactory

HEADER = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
GOOD = [
    ["HAM_1", "ISIC_1", "mel", "histo", "80.0", "male", "scalp"],
    ["HAM_1", "ISIC_2", "mel", "histo", "80.0", "male", "scalp"],
    ["HAM_2", "ISIC_3", "nv", "follow_up", "", "female", "lower extremity"],
    ["HAM_3", "ISIC_4", "akiec", "consensus", "55", "unknown", "acral"],
]


def jpeg(seed: int) -> bytes:
    random.seed(seed)
    picture = Image.frombytes("RGB", (96, 96), random.randbytes(96 * 96 * 3)).resize((128, 128))
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = tmp_path / "images" / "part_1"
    images.mkdir(parents=True)
    for number in range(1, 5):
        (images / f"ISIC_{number}.jpg").write_bytes(jpeg(number))
    write_csv(tmp_path, GOOD)
    return tmp_path


def write_csv(folder: Path, rows: list[list[str]]) -> None:
    with (folder / "metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def run(folder: Path, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(
        "import_isic",
        images=folder / "images",
        metadata=folder / "metadata.csv",
        organisation="northside",
        stdout=out,
        stderr=err,
        **options,
    )
    return out.getvalue(), err.getvalue()


def test_each_lesion_becomes_a_patient_with_case_images_and_pathology(
    folder: Path, northside: Organisation
) -> None:
    out, _ = run(folder)

    assert "Imported 4 images of 3 new patients" in out
    patient = Patient.objects.get(organisation=northside, medical_record_number="HAM_1")
    assert (patient.sex, patient.age) == ("male", 80)
    lesion = patient.lesions.get()
    assert lesion.body_site == "scalp"
    assert lesion.images.count() == 2
    result = lesion.pathology_results.get()
    assert (result.diagnosis.ham10000, result.method) == ("mel", "histo")
    assert Lesion.objects.get(source_reference="HAM_3").body_site == "palm_sole"
    assert Patient.objects.get(medical_record_number="HAM_2").age is None
    assert sorted(Case.objects.values_list("number", flat=True)) == [1, 2, 3]
    image = LesionImage.objects.get(source_reference="ISIC_1")
    with default_storage.open(image.file.name) as stored:
        assert Image.open(stored).size == (128, 128)


def test_running_again_changes_nothing(folder: Path, northside: Organisation) -> None:
    run(folder)
    out, _ = run(folder)

    assert "Imported 0 images of 0 new patients" in out
    assert "4 were there already" in out
    assert (Patient.objects.count(), PathologyResult.objects.count()) == (3, 3)


def test_a_limited_import_is_completed_by_the_next_one(
    folder: Path, northside: Organisation
) -> None:
    run(folder, limit=1)
    run(folder)

    assert LesionImage.objects.count() == 4
    assert Case.objects.filter(patient__medical_record_number="HAM_1").count() == 1


def test_bad_rows_are_listed_with_line_and_reason_and_stop_nothing_else(
    folder: Path, northside: Organisation
) -> None:
    (folder / "images/part_1/ISIC_7.jpg").write_bytes(b"MZ this is a program")
    (folder / "images/part_1/ISIC_8.jpg").write_bytes(jpeg(1))
    bad = [
        ["HAM_4", "ISIC_5", "zebra", "histo", "1", "male", "back"],
        ["HAM_5", "ISIC_6", "nv", "histo", "1", "male", "back"],
        ["HAM_6", "ISIC_7", "nv", "histo", "1", "male", "back"],
        ["HAM_1", "ISIC_8", "mel", "histo", "80", "male", "scalp"],
        ["HAM_7", "ISIC_9", "nv", "histo", "-3", "male", "back"],
        ["HAM_7", "../etc/passwd", "nv", "histo", "3", "male", "back"],
        ["HAM_2", "ISIC_3", "nv", "histo", "3", "male", "back"],
    ]
    write_csv(folder, [*GOOD, *bad])

    out, err = run(folder)

    assert "Imported 4 images of 3 new patients" in out
    assert "7 left out" in out
    for sentence in [
        'line 6, ISIC_5: dx "zebra" is not known',
        "line 7, ISIC_6: no image of this name in the folder",
        "line 8, ISIC_7: ",
        "line 9, ISIC_8: is the same picture as ISIC_1 of the same lesion",
        'line 10, ISIC_9: age "-3" is not a number of years',
        "is not a plain identifier",
        "line 12, ISIC_3: stands on line 4 already",
    ]:
        assert sentence in err
    assert not Patient.objects.filter(medical_record_number__in=["HAM_5", "HAM_6"]).exists()


def test_images_are_queued_for_the_model_in_service(folder: Path, northside: Organisation) -> None:
    ModelVersionFactory()
    run(folder)
    assert Prediction.objects.filter(state="queued").count() == 4


def test_predictions_can_be_left_out(folder: Path, northside: Organisation) -> None:
    ModelVersionFactory()
    run(folder, no_predictions=True)
    assert not Prediction.objects.exists()


def test_closed_cases_do_not_reach_the_worklist(folder: Path, northside: Organisation) -> None:
    run(folder, closed=True)
    assert set(Case.objects.values_list("state", flat=True)) == {CaseState.FINAL}


def test_a_failure_in_the_middle_leaves_no_file_behind(
    folder: Path, northside: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the listener failed")

    monkeypatch.setattr(import_service.image_accepted, "send", fail)
    before = stored_files()
    with pytest.raises(RuntimeError, match="the listener failed"):
        run(folder)

    assert not LesionImage.objects.exists()
    assert stored_files() == before


def stored_files() -> set[Path]:
    return {path for path in Path(default_storage.location).rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"image_id,dx\nISIC_1,mel\n", "has no column lesion_id"),
        (b"\xff\xfe\x00bad", "is not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_metadata_is_refused_in_one_sentence(
    folder: Path, northside: Organisation, content: bytes, sentence: str
) -> None:
    (folder / "metadata.csv").write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(folder)


def test_an_unknown_organisation_is_named(folder: Path, southside: Organisation) -> None:
    with pytest.raises(CommandError, match=r"no organisation northside. Known: southside"):
        run(folder)


def test_large_pictures_of_a_data_set_get_their_renditions_without_a_message(
    folder: Path, northside: Organisation
) -> None:
    large = BytesIO()
    Image.open(BytesIO(jpeg(1))).resize((1800, 1200)).save(large, "JPEG")
    (folder / "images" / "part_1" / "ISIC_1.jpg").write_bytes(large.getvalue())
    run(folder)

    assert sweep_renditions_task() == "1 queued, 0 given up"
    assert make_renditions_task() == 1
    image = LesionImage.objects.exclude(rendition="").get()
    assert image.source_reference == "ISIC_1"
    with image.rendition.open() as file:
        assert Image.open(file).size == (1600, 1067)


def test_consent_and_the_results_worth_recording_are_chosen(
    folder: Path, northside: Organisation
) -> None:
    run(folder, consent="sharing", results=["histo"])
    assert set(Patient.objects.values_list("research_consent", flat=True)) == {"sharing"}
    assert not Patient.objects.filter(research_consent_on=None).exists()
    assert PathologyResult.objects.get().method == "histo"


def test_without_a_word_nobody_has_consented(folder: Path, northside: Organisation) -> None:
    run(folder)
    assert set(Patient.objects.values_list("research_consent", flat=True)) == {"not_asked"}
    assert PathologyResult.objects.count() == 3
