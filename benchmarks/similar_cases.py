"""How long the five most similar confirmed cases take, with pgvector and in memory.

`python -m config.embedded python -m benchmarks.similar_cases` (or `make bench`). Both searches are
exact and answer alike, which is held against each other here too. Times are those of the whole
selector with its access rules, in turns within this run; "first" is a web process that has no
features in memory yet. The ceiling is 500 ms for either with 1,000 confirmed lesions.
"""

import time
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg

from benchmarks._service import clinic_in_a_folder

if TYPE_CHECKING:
    from accounts.models import User
    from clinic.models import LesionImage

SIZES = (1_000, 10_000)
QUERIES = 10
CEILING_MS = 500.0

Found = list[tuple[float, object]]


def main() -> None:
    """Fill the record up to each size, and search it in both ways."""
    with clinic_in_a_folder():
        from benchmarks._confirmed_lesions import add_confirmed_lesions, person_and_model
        from clinic.models import LesionImage

        person, version = person_and_model()
        ways = ("pgvector", "memory") if create_pgvector() else ("memory",)
        worst, total = 0.0, 0
        for size in SIZES:
            add_confirmed_lesions(size - total, person=person, version=version)
            total = size
            asked = list(LesionImage.objects.order_by("id")[:QUERIES])
            times = compare(person, asked, ways)
            print(f"{size:,} confirmed lesions: " + ", ".join(
                f"{way} {median(taken):.0f} ms (slowest {max(taken):.0f})"
                for way, taken in times.items()
            ))  # fmt: skip
            if size == SIZES[0]:
                worst = max(median(taken) for way, taken in times.items() if "first" not in way)
        if worst > CEILING_MS:
            raise SystemExit(f"{worst:.0f} ms is over the ceiling of {CEILING_MS:.0f} ms.")


def compare(
    person: "User", asked: "list[LesionImage]", ways: tuple[str, ...]
) -> dict[str, list[float]]:
    """Milliseconds of each search by way, in turns; their answers must be the same."""
    from inference.similarity import in_memory

    in_memory._vectors = in_memory.KeptVectors()
    times: dict[str, list[float]] = {"memory, first": [timed(person, asked[0], "memory")[0]]}
    for image in asked:
        answers: list[Found] = []
        for way in ways:
            taken, found = timed(person, image, way)
            times.setdefault(way, []).append(taken)
            answers.append(found)
        if any(answer != answers[0] for answer in answers):
            raise SystemExit(f"The searches do not agree on {image.pk}.")
    return times


def timed(person: "User", image: "LesionImage", way: str) -> tuple[float, Found]:
    """Milliseconds and what was found."""
    from inference.selectors import similar

    with patch.object(similar, "has_pgvector", lambda: way == "pgvector"):
        started = time.perf_counter()
        found = similar.similar_confirmed(person, image)
    return 1000 * (time.perf_counter() - started), [(row.distance, row.image.pk) for row in found]


def create_pgvector() -> bool:
    """As the embedded server's superuser, who may; an outside server's administrator has to."""
    from django.db import connection

    from inference.similarity.with_pgvector import has_pgvector

    settings = connection.settings_dict
    try:
        with psycopg.connect(
            dbname=str(settings["NAME"]), host=str(settings["HOST"]), port=settings["PORT"] or None,
            user="postgres", autocommit=True,
        ) as superuser:  # fmt: skip
            superuser.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as error:
        print(f"pgvector is not measured: {error}")
    return has_pgvector()


if __name__ == "__main__":
    main()
