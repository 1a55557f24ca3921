"""`manage.py fill_demo`: two hospitals with people, synthetic patients and a model in service."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from clinic.models import Patient
from clinic.selectors import selectable_diagnoses
from clinic.services import change_reading_policy
from clinic.synthetic.people import SyntheticPatient, make_people
from config.demo.answers import answer_now, queue_from_now
from config.demo.by_hand import NORTHSIDE_CASES, SOUTHSIDE_CASES
from config.demo.datasets import ensure_dataset
from config.demo.past import plan_past
from config.demo.people import NORTHSIDE, ensure_people, read_facts, write_facts
from config.demo.pictures import Darkroom
from config.demo.plan import PlannedCase, planned_case
from config.demo.reading import ReadingRoom
from config.demo.record import Record, by_role

PAST_PATIENTS = 33
PACKAGES = settings.BASE_DIR / "inference" / "packages"


@dataclass(frozen=True)
class Plan:
    """An organisation's made-up patients and their cases. `reads_twice` is a share in per cent."""

    slug: str
    people: list[SyntheticPatient]
    cases: list[PlannedCase]
    reads_twice: int


def plans() -> list[Plan]:
    """The same every day, but for the dates."""
    found = []
    for slug, by_hand, made_up, behind, share, seed in (
        ("northside", NORTHSIDE_CASES, 8, PAST_PATIENTS, 20, 1),
        ("southside", SOUTHSIDE_CASES, 3, 0, 0, 2),
    ):
        named = 1 + max(planned.person for planned in by_hand)
        people = make_people(named + made_up + behind, today=timezone.localdate(), seed=seed)
        others = [planned_case(n, people[n]) for n in range(named, named + made_up)]
        past = plan_past(people[named + made_up :], first=named + made_up, seed=seed)
        found.append(Plan(slug, people, [*by_hand, *others, *past], share))
    return found


class Command(BaseCommand):
    """Fill what is missing; safe to run again."""

    help = (
        "Make the demo's organisations, people, API client, patients and cases, put the newest "
        "model package into service, and freeze what was signed as a data set. Running it again "
        "changes nothing that is there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the clinic is reached and where its sign-ins are written."""
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")
        parser.add_argument("--write", type=Path, default=settings.BASE_DIR / "var" / "demo.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """People, then the model, then patients, so that every image is queued for it."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("Synthetic patients do not belong into a production's record.")
        facts = ensure_people(facts=read_facts(options["write"]))
        write_facts(options["write"], {"base_url": options["base_url"]} | facts)
        with Darkroom() as darkroom:
            records = [self._record(facts, plan, darkroom) for plan in plans()]
            # The pictures are drawn beside the preparation of the model, on another core.
            for record, cases in records:
                record.order(cases)
            self._install_model()
            for record, cases in records:
                record.fill(cases, answer=answer_now)
        queue_from_now()
        self._freeze(facts)
        self.stdout.write(f"Wrote the sign-ins to {options['write']}.")

    def _record(
        self, facts: dict[str, Any], plan: Plan, darkroom: Darkroom
    ) -> tuple[Record, list[PlannedCase]]:
        organisation = Organisation.objects.get(slug=plan.slug)
        people = by_role(facts["users"], plan.slug)
        if plan.reads_twice and not Patient.objects.filter(organisation=organisation).exists():
            change_reading_policy(
                organisation=organisation,
                actor=people["administrator"][0],
                blind=True,
                second_read_share=plan.reads_twice,
                second_read_on_disagreement=True,
            )
        room = ReadingRoom(
            readers=people["dermatologist"],
            clinician=people["clinician"][0],
            diagnoses={diagnosis.code: diagnosis for diagnosis in selectable_diagnoses()},
            share=plan.reads_twice,
        )
        record = Record(organisation, plan.people, room, darkroom, self.stdout.write)
        return record, plan.cases

    def _freeze(self, facts: dict[str, Any]) -> None:
        ensure_dataset(
            organisation=Organisation.objects.get(slug=NORTHSIDE),
            administrator=by_role(facts["users"], NORTHSIDE)["administrator"][0],
            said=self.stdout.write,
        )

    def _install_model(self) -> None:
        from inference.selectors import active_model

        if active_model() is not None:
            return
        packages = sorted(path for path in PACKAGES.iterdir() if (path / "configs").is_dir())
        if not packages:
            msg = f"There is no model package in {PACKAGES}."
            raise CommandError(msg)
        call_command("install_model", str(packages[-1]), activate=True, stdout=self.stdout)
