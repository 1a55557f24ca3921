"""Each named rule of data sets, broken once."""

from collections.abc import Callable

from clinic.models import AnnotationPick
from tests.dataset_factories import (
    a_dataset,
    a_sealed_test_set,
    a_version,
    an_export,
    an_export_file,
)
from tests.factories import CaseFactory, LesionImageFactory, PatientFactory


def a_row(**values: object) -> None:
    a_version(rows=[values])


def two_rows(*, same: str) -> None:
    first, second = LesionImageFactory(), LesionImageFactory()
    again = {"number": 1} if same == "number" else {"source": first}
    a_version(first, second, rows=[{}, again])


def a_pick(**values: object) -> None:
    case = CaseFactory()
    row = {"rank": 1, "reason": "audit", **values}
    AnnotationPick.objects.create(case=case, organisation=case.organisation, **row)


def two_versions(**values: object) -> None:
    dataset = a_dataset()
    for number in (1, 2):
        a_version(dataset=dataset, **{"number": number, **values})


def twice(make: Callable[..., object], **values: object) -> None:
    make(**values)
    make(**values)


DATASET_VIOLATIONS: dict[str, Callable[[], object]] = {
    "research_consent_is_known": lambda: PatientFactory(
        research_consent="maybe", research_consent_on="2026-01-31"
    ),
    "research_consent_has_a_day": lambda: PatientFactory(
        research_consent="sharing", research_consent_on=None
    ),
    "dataset_has_a_name": lambda: a_dataset(name=""),
    "dataset_version_number_once": lambda: two_versions(number=1),
    "same_content_is_frozen_once": lambda: two_versions(digest="0" * 64),
    "only_a_sealed_version_has_no_dataset": lambda: a_version(kind="other"),
    "dataset_version_has_images": lambda: a_version(image_count=0),
    "dataset_row_number_once": lambda: two_rows(same="number"),
    "image_once_in_a_version": lambda: two_rows(same="source"),
    "agreement_is_a_share": lambda: a_row(agreement=1.1),
    "split_is_known": lambda: a_row(split="holdout"),
    "dataset_row_has_consent": lambda: a_row(consent="withdrawn"),
    "sealed_share_is_a_share": lambda: a_sealed_test_set(share=1.0),
    "export_state_is_known": lambda: an_export(state="lost"),
    "export_delivery_is_known": lambda: an_export(delivery="fax"),
    "running_export_has_a_lease": lambda: an_export(state="running"),
    "export_that_is_ready_expires": lambda: an_export(state="succeeded"),
    "failed_export_has_a_reason": lambda: an_export(state="failed"),
    "export_tries_are_bounded": lambda: an_export(attempts=6),
    "same_export_is_written_once_at_a_time": lambda: twice(an_export, version=a_version()),
    "export_file_path_once": lambda: twice(an_export_file, export=an_export()),
    "picks_count_from_one": lambda: a_pick(rank=0),
    "pick_reason_is_known": lambda: a_pick(reason="hunch"),
}
