"""The demo's record: synthetic patients whose cases show every state that a screen can be in.

Everything goes through the same services as the screens, so the demo is what a clinic would have.
"""

from collections.abc import Callable, Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.bodymap.places import PLACES
from clinic.models import Case, Diagnosis, ImageKind, Lesion, Management, Patient
from clinic.selectors import selectable_diagnoses
from clinic.services import (
    add_image,
    cancel_case,
    commit_reading,
    record_pathology,
    register_lesion,
    register_patient,
    reveal_opinion,
    save_read,
    sign_reading,
    start_case,
    submit_case,
)
from clinic.synthetic.people import SyntheticPatient
from config.demo.plan import PlannedCase, PlannedLesion


@transaction.atomic
def fill_record(
    *,
    organisation: Organisation,
    clinician: User,
    dermatologist: User,
    plan: Sequence[PlannedCase],
    people: Sequence[SyntheticPatient],
    said: Callable[[str], None],
) -> None:
    """Write the planned cases of one organisation, all or none; a filled one is left alone."""
    if Patient.objects.filter(organisation=organisation).exists():
        return
    diagnoses = {diagnosis.code: diagnosis for diagnosis in selectable_diagnoses()}
    patients: dict[int, Patient] = {}
    for number, planned in enumerate(plan):
        if planned.person not in patients:
            patients[planned.person] = _register(organisation, clinician, people[planned.person])
        case = _submit(planned, patients[planned.person], clinician, seed=number + 1)
        if planned.signed_as:
            _sign(case, planned, clinician, dermatologist, diagnoses)
        if (number + 1) % 5 == 0 or number + 1 == len(plan):
            said(f"  {organisation.name}: {number + 1} of {len(plan)} cases")


def _register(organisation: Organisation, clinician: User, person: SyntheticPatient) -> Patient:
    return register_patient(
        organisation=organisation,
        actor=clinician,
        medical_record_number=person.medical_record_number,
        given_name=person.given_name,
        family_name=person.family_name,
        sex=person.sex,
        birth_date=person.birth_date,
        fitzpatrick_type=person.fitzpatrick_type,
        is_synthetic=person.is_synthetic,
    )


def _submit(planned: PlannedCase, patient: Patient, clinician: User, *, seed: int) -> Case:
    case = start_case(
        patient=patient,
        actor=clinician,
        clinical_question=planned.question,
        priority=planned.priority,
    )
    for number, planned_lesion in enumerate(planned.lesions):
        place = PLACES[planned_lesion.place]
        x, y = place.centre or (None, None)
        lesion = register_lesion(
            patient=patient,
            actor=clinician,
            body_site=place.body_site,
            side=place.side_at(x),
            view=place.view,
            map_x=x,
            map_y=y,
            history=planned_lesion.history,
        )
        for kind, content in _pictures(planned_lesion, patient, seed=seed * 10 + number):
            add_image(case=case, lesion=lesion, content=content, actor=clinician, kind=kind)
    if planned.cancelled:
        return cancel_case(case=case, actor=clinician, reason=planned.cancelled)
    if planned.draft:
        return case
    case = submit_case(case=case, actor=clinician)
    # Only the demo may say that a case has waited for longer than it has.
    Case.objects.filter(pk=case.pk).update(submitted_at=timezone.now() - planned.waiting)
    return case


def _pictures(
    planned: PlannedLesion, patient: Patient, *, seed: int
) -> Iterator[tuple[ImageKind, bytes]]:
    # numpy comes with the worker's libraries; the web process does without.
    from clinic.synthetic.dermoscopy import (
        as_jpeg,
        make_close_up,
        make_dermoscopic_image,
        make_overview,
    )

    makers = {
        ImageKind.DERMOSCOPIC: make_dermoscopic_image,
        ImageKind.CLOSE_UP: make_close_up,
        ImageKind.OVERVIEW: make_overview,
    }
    for kind in planned.kinds:
        image = makers[kind](
            seed, diagnosis=planned.looks_like, fitzpatrick=patient.fitzpatrick_type
        )
        yield kind, as_jpeg(image)


def _sign(
    case: Case,
    planned: PlannedCase,
    clinician: User,
    dermatologist: User,
    diagnoses: dict[str, Diagnosis],
) -> None:
    lesions = Lesion.objects.filter(images__case=case).distinct().order_by("number")
    for lesion, (code, management, comment) in zip(lesions, planned.signed_as, strict=True):
        save_read(
            case=case,
            lesion=lesion,
            reader=dermatologist,
            diagnosis=diagnoses[code],
            management=management,
            monitor_months=6 if management == Management.MONITOR else None,
            comment=comment,
        )
        if planned.pathology:
            record_pathology(
                lesion=lesion,
                diagnosis=diagnoses[planned.pathology],
                method="histo",
                actor=clinician,
                report="Superficial spreading melanoma in situ, clear margins.",
            )
    commit_reading(case=case, reader=dermatologist)
    reveal_opinion(case=case, reader=dermatologist)
    sign_reading(case=case, reader=dermatologist)
