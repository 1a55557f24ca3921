"""Reading the demo's cases: the workflow's own services, each at its moment."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from accounts.models import User
from clinic.models import (
    WAITING_STATES,
    Case,
    Diagnosis,
    ImageKind,
    Lesion,
    LesionImage,
    Management,
    PathologyResult,
    Reading,
)
from clinic.services import (
    amend_answer,
    assign_case,
    commit_reading,
    keep_lock,
    reconsider_read,
    record_pathology,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.services.annotations import save_annotation
from clinic.services.reading.decision import is_drawn
from config.demo.moments import at
from config.demo.pictures import Points
from config.demo.plan import PlannedCase, PlannedRead

DEMO = UUID("7f3b0c52-6e0e-4d0b-9a55-0c5b8a6f1d10")
NOT_FOR_AN_OUTLINE = frozenset({ImageKind.CLOSE_UP, ImageKind.OVERVIEW})


@dataclass(frozen=True)
class ReadingRoom:
    """Who reads, what can be chosen, and the share of cases that is read twice (per cent)."""

    readers: Sequence[User]
    clinician: User
    diagnoses: Mapping[str, Diagnosis]
    share: int

    def key_for(self, name: str, *, twice: bool) -> UUID:
        """A case's key, the same for a name, by which it is drawn for a second read or is not."""
        keys = (uuid5(DEMO, f"{name}/{n}") for n in range(10_000))
        return next(
            key for key in keys if not self.share or is_drawn(Case(pk=key), self.share) == twice
        )

    def read(self, case: Case, planned: PlannedCase, outlines: Mapping[UUID, Points]) -> None:
        """Sign what is planned, record what was found, and leave the case where it is to rest."""
        rng = random.Random(case.pk.hex)  # noqa: S311 - repeatable, not secret
        moment = _taken_at(case, rng)
        for turn in range(3):
            case.refresh_from_db()
            if case.state not in WAITING_STATES:
                break
            if turn >= len(planned.reads):
                if planned.rests or planned.held_by is not None:
                    break
                reader = (planned.reads[0].reader + turn) % len(self.readers)
                opinion = replace(planned.reads[0], reader=reader, changed_to="", reason="")
            else:
                opinion = planned.reads[turn]
            signed = self._sign(case, opinion, moment, rng, outlines if planned.outlined else {})
            moment = at_work(signed + timedelta(hours=rng.uniform(1, 20)), rng)
            moment = min(moment, timezone.now() - timedelta(minutes=30))
            moment = max(moment, signed + timedelta(minutes=1))
        if planned.held_by is not None:
            assign_case(case=case, reader=self.readers[planned.held_by])
        if planned.pathology:
            self._confirm(case, planned.pathology, moment, rng)
        if planned.amended:
            self._amend(case, planned.amended, moment)

    def _sign(
        self,
        case: Case,
        planned: PlannedRead,
        begun: datetime,
        rng: random.Random,
        outlines: Mapping[UUID, Points],
    ) -> datetime:
        reader = self.readers[planned.reader]
        seconds = rng.randrange(35, 300)
        with at(begun, reader):
            reading = assign_case(case=case, reader=reader)
        # The field's default asked the real clock.
        Reading.objects.filter(pk=reading.pk).update(assigned_at=begun)
        with at(begun + timedelta(seconds=seconds), reader) as moment:
            keep_lock(case=case, reader=reader, active_seconds=seconds)
            for lesion in _lesions(case):
                save_read(case=case, lesion=lesion, reader=reader, **self._opinion(planned))
            for image in _outlined(case, outlines):
                _outline(image, reader, outlines[image.pk])
            commit_reading(case=case, reader=reader)
        with at(moment + timedelta(seconds=2), reader):
            reveal_opinion(case=case, reader=reader)
        with at(moment + timedelta(seconds=rng.randrange(8, 70)), reader) as moment:
            if planned.changed_to:
                changed = replace(planned, code=planned.changed_to)
                for lesion in _lesions(case):
                    reconsider_read(
                        case=case, lesion=lesion, reader=reader, reason=planned.reason,
                        **self._opinion(changed),
                    )  # fmt: skip
            sign_reading(case=case, reader=reader)
        return moment

    def _opinion(self, planned: PlannedRead) -> dict[str, Any]:
        return {
            "diagnosis": self.diagnoses[planned.code],
            "management": planned.management,
            "monitor_months": 6 if planned.management == Management.MONITOR else None,
            "confidence": planned.confidence,
            "comment": planned.comment,
        }

    def _confirm(self, case: Case, code: str, moment: datetime, rng: random.Random) -> None:
        found = min(moment + timedelta(days=rng.uniform(4, 9)), timezone.now())
        cut = case.reads.filter(management__in=[Management.EXCISE, Management.BIOPSY]).exists()
        diagnosis = self.diagnoses[code]
        for lesion in _lesions(case):
            if PathologyResult.objects.filter(lesion=lesion).exists():
                continue
            with at(found, self.clinician):
                record_pathology(
                    lesion=lesion,
                    diagnosis=diagnosis,
                    method="histo" if cut else "follow_up",
                    actor=self.clinician,
                    reported_on=timezone.localdate(),
                    report=f"{diagnosis.name}, completely removed." if cut else "Unchanged.",
                )

    def _amend(self, case: Case, planned: PlannedRead, moment: datetime) -> None:
        case.refresh_from_db()
        assert case.answer is not None  # noqa: S101 - amended cases are planned with a read
        reader = self.readers[planned.reader]
        with at(min(moment + timedelta(days=9), timezone.now() - timedelta(minutes=12)), reader):
            amend_answer(
                case=case,
                reader=reader,
                reason=planned.reason,
                opinions={lesion.pk: self._opinion(planned) for lesion in _lesions(case)},
                based_on=case.answer,
            )


def _taken_at(case: Case, rng: random.Random) -> datetime:
    """When a case is taken: some hours after it came, and a while ago at the latest."""
    assert case.submitted_at is not None  # noqa: S101 - it is submitted
    wanted = at_work(case.submitted_at + timedelta(hours=rng.uniform(0.5, 20)), rng)
    return min(wanted, case.submitted_at + (timezone.now() - case.submitted_at) / 4)


def at_work(moment: datetime, rng: random.Random) -> datetime:
    """The same moment if people work then, otherwise some time of the next working day."""
    if not 8 <= moment.hour < 18:
        moment = moment.replace(hour=rng.randrange(8, 18), minute=rng.randrange(60))
        moment += timedelta(days=1)
    return moment + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[moment.weekday()])


def _lesions(case: Case) -> list[Lesion]:
    return list(Lesion.objects.filter(images__case=case).distinct().order_by("number"))


def _outlined(case: Case, outlines: Mapping[UUID, Points]) -> list[LesionImage]:
    images = case.images.exclude(kind__in=NOT_FOR_AN_OUTLINE).select_related("case", "lesion")
    return [image for image in images if outlines.get(image.pk)]


def _outline(image: LesionImage, reader: User, points: Points) -> None:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><polygon points="{corners}"/></svg>'
    save_annotation(
        image=image,
        actor=reader,
        key=uuid5(DEMO, f"{image.pk}/{reader.pk}"),
        version=0,
        label="lesion_border",
        target={"selector": {"type": "SvgSelector", "value": svg}},
    )
