"""The demo's record: synthetic patients whose cases show every state that a screen can be in.

Everything goes through the same services as the screens, so the demo is what a clinic would have.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.bodymap.places import PLACES
from clinic.models import Case, ImageKind, Lesion, LesionImage, Patient, ResearchConsent
from clinic.services import (
    add_image,
    cancel_case,
    register_lesion,
    register_patient,
    start_case,
    submit_case,
)
from clinic.services.datasets import record_research_consent
from clinic.synthetic.people import SyntheticPatient
from config.demo.moments import at
from config.demo.pictures import PIXEL_SPACING_UM, Darkroom, Points, Shot
from config.demo.plan import PlannedCase, PlannedLesion
from config.demo.reading import ReadingRoom, at_work

# In turn: most agree, some to less, and not everybody was asked.
CONSENTS = (*[ResearchConsent.SHARING] * 6, ResearchConsent.TRAINING, ResearchConsent.SHARING,
            ResearchConsent.REFUSED, None)  # fmt: skip
# What is older came in working hours, whenever the demo is filled. A weekend costs three days.
TOLD_BY_THE_HOUR = timedelta(days=4)


@dataclass
class Record:
    """One organisation's patients and cases, written by its clinician."""

    organisation: Organisation
    people: Sequence[SyntheticPatient]
    room: ReadingRoom
    darkroom: Darkroom
    said: Callable[[str], None]
    # Where each picture has its lesion, by the image's key.
    outlines: dict[UUID, Points] = field(default_factory=dict)
    _patients: dict[int, Patient] = field(default_factory=dict)
    _lesions: dict[tuple[int, str], Lesion] = field(default_factory=dict)

    @property
    def is_filled(self) -> bool:
        """Whether there is anything that the demo must not touch."""
        return Patient.objects.filter(organisation=self.organisation).exists()

    def order(self, plan: Sequence[PlannedCase]) -> None:
        """Have the pictures drawn in the order in which they are wanted, where they are."""
        if self.is_filled:
            return
        for number, planned in self._in_order(plan):
            for lesion_number, lesion in enumerate(planned.lesions):
                self.darkroom.order(
                    shot for _, shot in self._shots(planned, lesion, number * 10 + lesion_number)
                )

    @transaction.atomic
    def fill(self, plan: Sequence[PlannedCase], *, answer: Callable[[], None]) -> None:
        """Write the planned cases, all or none; a filled organisation is left alone.

        `answer` has the model answer what is submitted so far: cases that were read were answered
        before. What waits still is answered by the worker once the demo is open.
        """
        if self.is_filled:
            return
        in_order = self._in_order(plan)
        submitted: list[tuple[Case, PlannedCase]] = []
        for number, planned in in_order:
            if planned.is_read:
                submitted.append((self._submit(planned, number), planned))
        if submitted:
            answer()
        for done, (case, planned) in enumerate(submitted, start=1):
            self.room.read(case, planned, self.outlines)
            if done % 10 == 0 or done == len(submitted):
                self.said(f"  {self.organisation.name}: {done} of {len(submitted)} cases read")
        waiting = [(number, planned) for number, planned in in_order if not planned.is_read]
        for number, planned in waiting:
            self._submit(planned, number)
        self.said(f"  {self.organisation.name}: {len(waiting)} cases wait or are drafts")

    @staticmethod
    def _in_order(plan: Sequence[PlannedCase]) -> list[tuple[int, PlannedCase]]:
        """As time has it, so that numbers rise with the dates; a number is a picture's seed."""
        numbered = list(enumerate(plan, start=1))
        return sorted(numbered, key=lambda item: (not item[1].is_read, -item[1].waiting))

    def _submit(self, planned: PlannedCase, number: int) -> Case:
        clinician = self.room.clinician
        moment = timezone.now() - planned.waiting
        if planned.is_read and planned.waiting > TOLD_BY_THE_HOUR:
            moment = at_work(moment, random.Random(number))  # noqa: S311 - repeatable
        with at(moment - timedelta(minutes=9), clinician):
            patient = self._patient(planned.person)
            case = start_case(
                patient=patient,
                actor=clinician,
                key=self.room.key_for(
                    f"{self.organisation.slug}/{number}",
                    twice=len(planned.reads) > 1 or planned.rests,
                ),
                clinical_question=planned.question,
                priority=planned.priority,
            )
            for lesion_number, lesion in enumerate(planned.lesions):
                self._add_lesion(case, planned, lesion, seed=number * 10 + lesion_number)
        with at(moment, clinician):
            if planned.cancelled:
                return cancel_case(case=case, actor=clinician, reason=planned.cancelled)
            return case if planned.draft else submit_case(case=case, actor=clinician)

    def _patient(self, number: int) -> Patient:
        if number not in self._patients:
            person = self.people[number]
            self._patients[number] = register_patient(
                organisation=self.organisation,
                actor=self.room.clinician,
                medical_record_number=person.medical_record_number,
                given_name=person.given_name,
                family_name=person.family_name,
                sex=person.sex,
                birth_date=person.birth_date,
                fitzpatrick_type=person.fitzpatrick_type,
                is_synthetic=person.is_synthetic,
            )
            if answer := CONSENTS[number % len(CONSENTS)]:
                record_research_consent(
                    patient=self._patients[number], consent=answer, actor=self.room.clinician
                )
        return self._patients[number]

    def _add_lesion(
        self, case: Case, planned: PlannedCase, wanted: PlannedLesion, *, seed: int
    ) -> None:
        lesion = self._lesion(planned.person, wanted)
        for kind, shot in self._shots(planned, wanted, seed):
            developed = self.darkroom.developed(shot)
            image: LesionImage = add_image(
                case=case,
                lesion=lesion,
                content=developed.content,
                actor=self.room.clinician,
                kind=kind,
                pixel_spacing_um=PIXEL_SPACING_UM if wanted.name else None,
            )
            self.outlines[image.pk] = developed.outline

    def _lesion(self, person: int, wanted: PlannedLesion) -> Lesion:
        known = self._lesions.get((person, wanted.name)) if wanted.name else None
        if known is not None:
            return known
        place = PLACES[wanted.place]
        x, y = place.centre or (None, None)
        lesion = register_lesion(
            patient=self._patients[person],
            actor=self.room.clinician,
            body_site=place.body_site,
            side=place.side_at(x),
            view=place.view,
            map_x=x,
            map_y=y,
            history=wanted.history,
        )
        if wanted.name:
            self._lesions[person, wanted.name] = lesion
        return lesion

    def _shots(
        self, planned: PlannedCase, lesion: PlannedLesion, seed: int
    ) -> Iterator[tuple[ImageKind, Shot]]:
        fitzpatrick = self.people[planned.person].fitzpatrick_type
        for kind in lesion.kinds:
            yield (
                kind,
                Shot(
                    kind.value,
                    lesion.seed or seed,
                    lesion.looks_like,
                    fitzpatrick,
                    lesion.nearer,
                    lesion.turn,
                ),
            )


def by_role(users: Sequence[Mapping[str, str]], organisation: str) -> dict[str, list[User]]:
    """The organisation's people by their role, in the order in which they are named."""
    found: dict[str, list[User]] = {}
    for user in users:
        if user["organisation"] == organisation:
            found.setdefault(user["role"], []).append(User.objects.get(email=user["email"]))
    return found
