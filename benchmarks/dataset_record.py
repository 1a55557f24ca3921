"""Data sets of a large record: preview, sealing, freezing, and manifest and CSV from the database.

`python -m config.embedded python -m benchmarks.dataset_record`. 100,000 images of 50,000 signed
cases (IMAGES changes that). The manifest and the CSV together may take 2.1 s and 5 MiB of Python
heap; beside them stands fetching the same rows, which nobody can spare.
"""

import os
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from benchmarks._service import clinic_in_a_folder

IMAGES = int(os.environ.get("IMAGES", "100000"))
IMAGES_A_CASE = 2
PICTURES = """
    INSERT INTO clinic_lesionimage (id, created_at, case_id, lesion_id, kind, file, thumbnail,
        rendition, sha256, media_type, width, height, size_bytes, quality, source_reference)
    SELECT gen_random_uuid(), now(), c.id, l.id, 'dermoscopic', 'none.jpg', 'none.jpg', '',
        md5(c.id::text || n) || md5(n || c.id::text), 'image/jpeg', 600, 450, 250000, '[]', ''
    FROM clinic_case c JOIN clinic_lesion l ON l.patient_id = c.patient_id,
        generate_series(1, %s) n
"""


def timed(name: str, work: Callable[[], object]) -> object:
    """Run, and say how long it took and what heap it needed above what there was."""
    start = time.perf_counter()
    work_result = work()
    seconds = time.perf_counter() - start
    print(f"{name}: {seconds:.2f} s", flush=True)
    return work_result


def heap_of(work: Callable[[], object]) -> float:
    """MiB of Python heap above idle at the highest."""
    tracemalloc.start()
    idle = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - idle) / 2**20


def main() -> None:
    """Fill a record, then ask of it what a page, a freeze and an export ask."""
    with clinic_in_a_folder():
        from django.db import connection

        from accounts.models import Role, User
        from accounts.services import create_organisation, grant_role
        from benchmarks._signed_readings import add_signed_readings
        from clinic.datasets.description import Description
        from clinic.datasets.formats import FORMATS
        from clinic.models import Patient
        from clinic.selectors.datasets import manifest_rows, preview_dataset
        from clinic.selectors.frozen_versions import frozen_version
        from clinic.services.datasets import describe_dataset, freeze_dataset, seal_test_set

        organisation = create_organisation(name="Bench", slug="bench")
        people = [User.objects.create_user(f"r{n}@bench.example", full_name="R") for n in range(2)]
        ada = User.objects.create_user("ada@bench.example", full_name="Ada", is_superuser=True)
        for person in people:
            grant_role(user=person, organisation=organisation, role=Role.DERMATOLOGIST)
        add_signed_readings(IMAGES // IMAGES_A_CASE, organisation=organisation, readers=people)
        Patient.objects.update(research_consent="sharing", research_consent_on="2026-01-01")
        with connection.cursor() as cursor:
            cursor.execute(PICTURES, [IMAGES_A_CASE])
            cursor.execute("ANALYZE")
        description = Description()
        preview = partial(preview_dataset, organisations=[organisation], description=description)
        timed(f"preview of {IMAGES:,} images", preview)
        print(f"heap of the preview: {heap_of(preview):.1f} MiB")
        seal = partial(seal_test_set, organisation=organisation, share=0.05, seed=1, actor=ada)
        timed("sealing 5 % of the patients", seal)
        dataset = describe_dataset(
            name="All", purpose="All.", organisations=[organisation], description=description,
            actor=ada,
        )  # fmt: skip
        version = freeze_dataset(dataset=dataset, actor=ada).version
        timed("freezing again, unchanged", partial(freeze_dataset, dataset=dataset, actor=ada))
        frozen = frozen_version(version)

        def manifest_and_csv() -> int:
            wanted = (("manifest", "manifest.jsonl"), ("isic", "metadata.csv"))
            return sum(
                len(piece)
                for key, path in wanted
                for file in FORMATS[key].documents(frozen)
                if file.path == path
                for piece in file.pieces()
            )

        def fetching() -> int:
            return sum(1 for _ in manifest_rows(version))

        for _ in range(3):
            timed(f"fetching {version.image_count:,} rows", fetching)
            timed(f"manifest and CSV of {version.image_count:,} images", manifest_and_csv)
        print(f"heap of manifest and CSV: {heap_of(manifest_and_csv):.2f} MiB")


if __name__ == "__main__":
    main()
