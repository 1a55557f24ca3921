"""How long the statistics of a year with 50,000 readings take, and how much memory.

`python -m config.embedded python -m benchmarks.picture_of_work` (or `make bench`). It is the
selector with its access rules and all figures, without the template: counted anew, and from the
counts that are kept for an hour. The ceilings, of a machine that does nothing else, are 1.5 s and
300 ms.
"""

import time
import tracemalloc
from statistics import median

from benchmarks._service import clinic_in_a_folder

CASES = 41_700  # a fifth of them is read twice
RUNS = 5
CEILING_MS = 1_500.0
KEPT_CEILING_MS = 300.0


def main() -> None:
    """Fill a year, and ask for it."""
    with clinic_in_a_folder():
        from django.db import connection

        from accounts.models import Role, User
        from accounts.services import create_organisation, grant_role
        from benchmarks._signed_readings import add_signed_readings
        from clinic.models import Reading
        from clinic.selectors.statistics import PERIODS, last_weeks, picture_of_work, work

        clinic = create_organisation(name="Bench", slug="bench")
        readers = [User.objects.create_user(f"reader{n}@example.com") for n in range(8)]
        for reader in readers:
            grant_role(user=reader, organisation=clinic, role=Role.DERMATOLOGIST)
        add_signed_readings(CASES, organisation=clinic, readers=readers)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{Reading.objects.count():,} readings")

        def ask(weeks: int, *, consensus: bool) -> float:
            start = time.perf_counter()
            found = picture_of_work(
                user=readers[0], organisation=clinic, period=last_weeks(weeks), consensus=consensus
            )
            _ = (found.of_all, [found.of_reader(reader.pk) for reader in readers])
            return 1e3 * (time.perf_counter() - start)

        kept_from, work.KEPT_FROM = work.KEPT_FROM, 10**9
        worst = 0.0
        for weeks in PERIODS:
            for consensus in (False, True):
                taken = median(ask(weeks, consensus=consensus) for _ in range(RUNS))
                worst = max(worst, taken)
                kind = "pathology or consensus" if consensus else "pathology"
                print(f"{weeks} weeks, {kind}: {taken:.0f} ms")
        tracemalloc.start()
        ask(PERIODS[-1], consensus=False)
        print(f"memory at its highest: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB")
        tracemalloc.stop()
        work.KEPT_FROM = kept_from
        ask(PERIODS[-1], consensus=False)
        kept = median(ask(PERIODS[-1], consensus=False) for _ in range(RUNS))
        print(f"{PERIODS[-1]} weeks from kept counts: {kept:.0f} ms")
        if kept > KEPT_CEILING_MS:
            raise SystemExit(f"{kept:.0f} ms is over the ceiling of {KEPT_CEILING_MS:.0f} ms.")
        if worst > CEILING_MS:
            raise SystemExit(f"{worst:.0f} ms is over the ceiling of {CEILING_MS:.0f} ms.")


if __name__ == "__main__":
    main()
