"""Every named rule of the clinical record, broken once: the database says no, by name."""

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from clinic.models import (
    Annotation,
    Case,
    Diagnosis,
    FavouriteDiagnosis,
    Lesion,
    LesionImage,
    Notification,
    PathologyResult,
    Patient,
    PendingRendition,
    Read,
    Reading,
    ReadingPolicy,
)
from tests.clinic.models.dataset_violations import DATASET_VIOLATIONS
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    OrganisationFactory,
    PatientFactory,
    ReadingFactory,
    UserFactory,
    diagnosis,
)

pytestmark = pytest.mark.django_db
Violation = Callable[[], object]


def change(row: models.Model, **values: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def a_read(**values: object) -> Read:
    image = LesionImageFactory()
    reading = values.pop("reading", None) or ReadingFactory(case=image.case)
    assert isinstance(reading, Reading)
    row = {"lesion": image.lesion, "reading": reading, **values}
    return Read.objects.create(case=reading.case, reader=reading.reader, **row)


def signed(read: Read, **values: object) -> None:
    complete = {
        "diagnosis": diagnosis("nevus"),
        "management": "discharge",
        "signed_at": timezone.now(),
    }
    change(read, **{"state": "signed", **complete, **values})


def another(read: Read, **values: object) -> None:
    a_read(reading=read.reading, lesion=read.lesion, **values)


def a_signed_reading(**values: object) -> Reading:
    now = timezone.now()
    whole = {
        "state": "signed", "committed_at": now, "signed_at": now, "digest": "0" * 64,
        "taxonomy_version": "2026.1", "holds_case": False,
    }  # fmt: skip
    return ReadingFactory(**{**whole, **values})


def two_holders() -> None:
    ReadingFactory(case=ReadingFactory().case)


def read_twice() -> None:
    first = ReadingFactory(holds_case=False)
    ReadingFactory(case=first.case, reader=first.reader)


def two_first_signatures() -> None:
    a_signed_reading(case=a_signed_reading().case)


def an_annotation(**values: object) -> Annotation:
    image = LesionImageFactory()
    row = {
        "image": image, "reading": ReadingFactory(case=image.case), "creator": UserFactory(),
        "label": "globules", "target": {"selector": {}}, "stage": "draft",
    }  # fmt: skip
    return Annotation.objects.create(**{**row, **values})


def a_policy(**values: object) -> ReadingPolicy:
    return ReadingPolicy.objects.create(organisation=OrganisationFactory(), **values)


def a_favourite(**values: object) -> FavouriteDiagnosis:
    row = {"reader": UserFactory(), "position": 1, "diagnosis": diagnosis("nevus"), **values}
    return FavouriteDiagnosis.objects.create(**row)


def same_case_number() -> None:
    case = CaseFactory(number=7)
    CaseFactory(number=7, patient=PatientFactory(organisation=case.organisation))


def same_record_number() -> None:
    patient = PatientFactory(medical_record_number="NS-1")
    PatientFactory(medical_record_number="NS-1", organisation=patient.organisation)


def same_lesion_number() -> None:
    lesion = LesionFactory(number=1)
    LesionFactory(number=1, patient=lesion.patient)


def same_picture() -> None:
    image = LesionImageFactory()
    LesionImageFactory(case=image.case, lesion=image.lesion, sha256=image.sha256)


def imported_image_twice() -> None:
    image = LesionImageFactory(source_reference="ISIC_0024306")
    LesionImageFactory(case=image.case, lesion=image.lesion, source_reference="ISIC_0024306")


def imported_lesion_twice() -> None:
    lesion = LesionFactory(source_reference="HAM_0000118")
    LesionFactory(patient=lesion.patient, source_reference="HAM_0000118")


def pathology(**values: object) -> PathologyResult:
    row = {"lesion": LesionFactory(), "diagnosis": diagnosis("nevus"), "method": "histo", **values}
    return PathologyResult.objects.create(**row)


def imported_result_twice() -> None:
    lesion = pathology(source_reference="HAM_0000118").lesion
    pathology(lesion=lesion, source_reference="HAM_0000118")


VIOLATIONS: dict[str, Violation] = {
    "medical_record_number_unique_in_organisation": same_record_number,
    "patient_sex_is_known": lambda: PatientFactory(sex="robot"),
    "fitzpatrick_type_is_one_to_six": lambda: PatientFactory(fitzpatrick_type=7),
    "birth_date_is_plausible": lambda: PatientFactory(birth_date=date(1899, 12, 31)),
    "approximate_age_is_plausible": lambda: PatientFactory(approximate_age=121),
    "lesion_number_unique_in_patient": same_lesion_number,
    "body_site_is_known": lambda: LesionFactory(body_site="tail"),
    "body_map_mark_is_on_a_drawing": lambda: LesionFactory(map_x=0.5, map_y=1.2, view="front"),
    "imported_lesion_once_per_patient": imported_lesion_twice,
    "case_number_unique_in_organisation": same_case_number,
    "case_state_is_known": lambda: CaseFactory(state="lost", submitted_at=timezone.now()),
    "case_priority_is_known": lambda: CaseFactory(priority=9),
    "submitted_case_has_a_time": lambda: CaseFactory(state="submitted"),
    "final_case_has_a_time": lambda: CaseFactory(state="final", submitted_at=timezone.now()),
    "cancelled_case_has_a_reason": lambda: CaseFactory(state="cancelled"),
    "case_malignancy_is_a_probability": lambda: CaseFactory(malignancy=1.01),
    "picture_once_per_case": same_picture,
    "image_kind_is_known": lambda: LesionImageFactory(kind="x-ray"),
    "image_has_pixels": lambda: LesionImageFactory(width=0),
    "imported_image_once_per_case": imported_image_twice,
    "pixel_spacing_is_plausible": lambda: LesionImageFactory(pixel_spacing_um=0.09),
    "rendition_is_tried_thrice": lambda: PendingRendition.objects.create(
        image=LesionImageFactory(), is_imported=False, queued_at=timezone.now(), attempts=4
    ),
    "one_read_per_lesion_and_stage": lambda: another(a_read(), stands=False),
    "one_read_stands_per_lesion_in_a_reading": lambda: another(a_read(), stage="reconsidered"),
    "committed_read_is_complete": lambda: signed(a_read(), diagnosis=None),
    "signed_read_has_a_time": lambda: signed(a_read(), signed_at=None),
    "reconsidered_read_has_a_reason": lambda: signed(a_read(stage="reconsidered")),
    "confidence_is_known": lambda: a_read(confidence=7),
    "one_reader_holds_a_case": two_holders,
    "a_reader_reads_a_case_once": read_twice,
    "each_role_is_signed_once": two_first_signatures,
    "reading_role_is_known": lambda: ReadingFactory(role="guest"),
    "reading_state_is_known": lambda: ReadingFactory(state="lost", committed_at=timezone.now()),
    "committed_reading_has_a_time": lambda: ReadingFactory(state="committed"),
    "revealed_reading_has_a_time": lambda: ReadingFactory(
        state="revealed", committed_at=timezone.now()
    ),
    "blind_reading_is_committed_before_it_is_revealed": lambda: ReadingFactory(
        revealed_at=timezone.now()
    ),
    "signed_reading_is_whole": lambda: a_signed_reading(digest=""),
    "held_case_has_a_lock": lambda: ReadingFactory(lock_expires_at=None),
    "amendment_has_a_reason": lambda: a_signed_reading(role="amendment"),
    "annotation_version_once": lambda: an_annotation(key=an_annotation().key),
    "annotation_versions_count_from_one": lambda: an_annotation(version=0),
    "annotation_has_a_region_and_a_label": lambda: an_annotation(label=""),
    "second_read_share_is_a_percentage": lambda: a_policy(second_read_share=101),
    "second_read_malignancy_is_a_percentage": lambda: a_policy(second_read_from_malignancy=101),
    "notification_kind_is_known": lambda: Notification.objects.create(
        recipient=UserFactory(), case=CaseFactory(), kind="rumour"
    ),
    "one_favourite_per_key": lambda: a_favourite(reader=a_favourite().reader),
    "favourite_is_on_a_number_key": lambda: a_favourite(position=0),
    "management_is_known": lambda: a_read(management="pray"),
    "monitoring_says_when": lambda: signed(a_read(), management="monitor", monitor_months=None),
    "confirmation_method_is_known": lambda: pathology(method="guess"),
    "imported_result_once_per_lesion": imported_result_twice,
    "diagnosis_code_unique_in_version": lambda: Diagnosis.objects.create(
        taxonomy_version="2026.1", code="melanoma", name="Melanoma", malignancy="malignant"
    ),
    "diagnosis_malignancy_is_known": lambda: Diagnosis.objects.create(
        taxonomy_version="test", code="odd", name="Odd", malignancy="maybe"
    ),
    **DATASET_VIOLATIONS,
}  # fmt: skip


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses_what_breaks_a_clinical_rule(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        VIOLATIONS[name]()
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "mark",
    [
        {"map_x": 0.5, "view": "front"},
        {"map_y": 0.5, "view": "front"},
        {"map_x": 0.5, "map_y": 0.5},
        {"map_x": -0.1, "map_y": 0.5, "view": "back"},
    ],
    ids=["no height", "no width", "no drawing", "beside it"],
)
def test_half_a_mark_on_the_body_map_is_none(mark: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="body_map_mark_is_on_a_drawing"):
        LesionFactory(**mark)


@pytest.mark.parametrize("months", [None, 0, 37])
def test_monitoring_says_when_in_one_to_thirty_six_months(months: int | None) -> None:
    read = a_read()
    with pytest.raises(IntegrityError, match="monitoring_says_when"):
        signed(read, management="monitor", monitor_months=months)


def test_no_rule_is_left_out_of_these_tests() -> None:
    named = {
        constraint.name
        for model in apps.get_app_config("clinic").get_models()
        for constraint in model._meta.constraints
    }
    assert named == set(VIOLATIONS)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda read: change(read, comment="I never said that."),
        lambda read: change(read, state="draft"),
        lambda read: Read.objects.filter(pk=read.pk).delete(),
    ],
    ids=["changed", "reopened", "deleted"],
)
def test_a_signed_read_stays_as_it_was_signed(rewrite: Callable[[Read], object]) -> None:
    read = a_read()
    signed(read)
    with pytest.raises(Exception, match="signed_read_is_for_ever"), transaction.atomic():
        rewrite(read)
    read.refresh_from_db()
    assert (read.state, read.comment) == ("signed", "")


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda read: change(read, comment="I never said that."),
        lambda read: change(read, state="draft"),
        lambda read: Read.objects.filter(pk=read.pk).delete(),
    ],
    ids=["changed", "reopened", "deleted"],
)
def test_a_committed_read_stays_as_it_was_committed(rewrite: Callable[[Read], object]) -> None:
    read = a_read()
    signed(read, state="committed", signed_at=None)
    with pytest.raises(Exception, match="committed_read_"), transaction.atomic():
        rewrite(read)
    change(read, stands=False)
    change(read, state="signed", signed_at=timezone.now())


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda reading: change(reading, model_opinion={"lesion": {"suspicious": False}}),
        lambda reading: change(reading, state="revealed", revealed_at=timezone.now()),
        lambda reading: Reading.objects.filter(pk=reading.pk).delete(),
    ],
    ids=["changed", "reopened", "deleted"],
)
def test_a_signed_reading_stays_as_it_was_signed(rewrite: Callable[[Reading], object]) -> None:
    reading = a_signed_reading()
    with pytest.raises(Exception, match="signed_reading_is_for_ever"), transaction.atomic():
        rewrite(reading)


@pytest.mark.parametrize("values", [{"state": "draft"}, {"committed_at": None}], ids=str)
def test_a_commit_is_never_taken_back(values: dict[str, object]) -> None:
    reading = ReadingFactory(state="committed", committed_at=timezone.now())
    with pytest.raises(Exception, match="reading_does_not_go_back"), transaction.atomic():
        change(reading, **values)


def test_nothing_joins_a_reading_that_is_signed() -> None:
    image = LesionImageFactory()
    reading = a_signed_reading(case=image.case)
    with pytest.raises(Exception, match="read_joins_no_signed_reading"), transaction.atomic():
        a_read(reading=reading, lesion=image.lesion)
    with pytest.raises(Exception, match="annotation_joins_no_signed"), transaction.atomic():
        an_annotation(reading=reading, image=image)


def test_an_annotation_is_never_changed_or_deleted() -> None:
    drawn = an_annotation()
    for rewrite in (
        lambda: change(drawn, label="streaks"),
        lambda: Annotation.objects.filter(pk=drawn.pk).delete(),
    ):
        with (
            pytest.raises(Exception, match="annotation_versions_only_append"),
            transaction.atomic(),
        ):
            rewrite()


HISTORIC: dict[type[models.Model], Callable[[], models.Model]] = {
    Patient: PatientFactory, Lesion: LesionFactory, Case: CaseFactory,
    LesionImage: LesionImageFactory, Read: a_read, PathologyResult: pathology,
    Reading: ReadingFactory, ReadingPolicy: a_policy,
}  # fmt: skip


@pytest.mark.parametrize("model", HISTORIC)
def test_a_row_that_people_rely_on_keeps_its_history(model: type[models.Model]) -> None:
    events = apps.get_model("clinic", f"{model.__name__}Event")
    row = HISTORIC[model]()
    assert events.objects.filter(pgh_obj_id=row.pk).count() == 1
