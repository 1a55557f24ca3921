"""`manage.py pick_cases ORGANISATION`: put waiting cases in the order of learning now."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation
from clinic.models import PickReason
from inference.learning.picks import Strategy
from inference.services.learning import DEFAULT_STRATEGY, PICKS_A_ROUND, pick_cases


class Command(BaseCommand):
    """Safe to run again: what was picked and still waits is picked anew."""

    help = (
        "Choose the waiting cases that the next model would learn most from, which a worklist can "
        'be ordered by ("Most to learn from"). Otherwise this is done every night.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the organisation."""
        parser.add_argument("organisation", help="its short name, as in addresses")
        parser.add_argument("--count", type=int, default=PICKS_A_ROUND, help="how many at most")
        parser.add_argument(
            "--strategy",
            choices=[each.value for each in Strategy],
            default=DEFAULT_STRATEGY.value,
            help="what to pick by; docs/active-learning.md compares them",
        )
        parser.add_argument(
            "--seed",
            default="",
            help="another one settles anew which cases are the audit's: leave it out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Pick, and say how many for what reason."""
        slug = options["organisation"]
        organisation = Organisation.objects.filter(slug=slug).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {slug!r}. Give its short name.")
        if options["count"] < 1:
            raise CommandError("Ask for at least one case.")
        picks = pick_cases(
            organisation=organisation,
            count=options["count"],
            strategy=Strategy(options["strategy"]),
            seed=options["seed"],
        )
        counts = Counter(PickReason(pick.reason).label for pick in picks)
        said = "; ".join(f"{number} {reason.lower()}" for reason, number in counts.most_common())
        cases = f"{len(picks)} case{'' if len(picks) == 1 else 's'}"
        self.stdout.write(f"{organisation}: {cases} picked{': ' + said if said else ''}.")
