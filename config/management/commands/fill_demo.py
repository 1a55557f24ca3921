"""`manage.py fill_demo`: two hospitals with people, synthetic patients and a model in service."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.synthetic.people import make_people
from config.demo.people import ensure_people, read_facts, write_facts
from config.demo.plan import NORTHSIDE_CASES, SOUTHSIDE_CASES, planned_case
from config.demo.record import fill_record

PACKAGES = settings.BASE_DIR / "inference" / "packages"


class Command(BaseCommand):
    """Fill what is missing; safe to run again."""

    help = (
        "Make the demo's organisations, people, API client, patients and cases, and put the "
        "newest model package into service. Running it again changes nothing that is there."
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
        self._install_model()
        for slug, plan, made_up, seed in (
            ("northside", NORTHSIDE_CASES, 8, 1),
            ("southside", SOUTHSIDE_CASES, 3, 2),
        ):
            by_hand = 1 + max(planned.person for planned in plan)
            people = make_people(by_hand + made_up, today=timezone.localdate(), seed=seed)
            others = [planned_case(n, people[n]) for n in range(by_hand, len(people))]
            by_role = {
                user["role"]: User.objects.get(email=user["email"])
                for user in facts["users"]
                if user["organisation"] == slug
            }
            fill_record(
                organisation=Organisation.objects.get(slug=slug),
                clinician=by_role["clinician"],
                dermatologist=by_role["dermatologist"],
                plan=[*plan, *others],
                people=people,
                said=self.stdout.write,
            )
        self.stdout.write(f"Wrote the sign-ins to {options['write']}.")

    def _install_model(self) -> None:
        from inference.selectors import active_model

        if active_model() is not None:
            return
        packages = sorted(path for path in PACKAGES.iterdir() if (path / "configs").is_dir())
        if not packages:
            msg = f"There is no model package in {PACKAGES}."
            raise CommandError(msg)
        call_command("install_model", str(packages[-1]), activate=True, stdout=self.stdout)
