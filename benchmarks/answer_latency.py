"""From an upload's response to its stored answer, on an idle system, beside bare decode + forward.

`python -m config.embedded python -m benchmarks.answer_latency` (or `make bench`). A real Celery
worker process, a real broker, PostgreSQL. The ceiling is 1.5 x (decode + forward) + 100 ms, both
measured in this run, in turns. BENCH_PACKAGE and BENCH_IMAGES name others.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks._service import (
    CHECKOUT,
    clinic_in_a_folder,
    open_case,
    pictures,
    put_model_into_service,
)

UPLOADS = 24
PAUSE = 0.5  # the system is idle again before the next upload
PATIENCE = 60.0


@contextlib.contextmanager
def worker(folder: Path) -> Iterator[None]:
    """A worker as the demo starts it: one child that computes."""
    command = [
        *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
        *("--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"),
    ]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=os.environ | {"LOG_LEVEL": "INFO"}, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    """Upload one image at a time and wait for its answer."""
    with clinic_in_a_folder() as folder:
        from clinic.services import add_image, start_case
        from inference.engine.preprocess import load_image
        from inference.models import Prediction
        from inference.worker.loaded_models import loaded_models

        version = put_model_into_service()
        case = open_case()
        person, lesion, contents = case.submitter, case.patient.lesions.get(), pictures()
        classifier = loaded_models.classifier(version)
        size = classifier.package.preprocessing.size

        def bare(content: bytes) -> float:
            start = time.perf_counter()
            classifier.classify([load_image(content, size)])
            return time.perf_counter() - start

        def answered(content: bytes) -> float:
            image = add_image(
                case=start_case(patient=case.patient, actor=person),
                lesion=lesion,
                content=content,
                actor=person,
            )
            start = time.perf_counter()
            mine = Prediction.objects.filter(image=image, state="succeeded")
            while not mine.exists():
                if time.perf_counter() > start + PATIENCE:
                    raise SystemExit((folder / "worker.log").read_text()[-3000:])
                time.sleep(0.002)
            return time.perf_counter() - start

        with worker(folder):
            for content in contents[:3]:
                bare(content)
                answered(content)
            pairs = []
            for number in range(UPLOADS):
                content = contents[number % len(contents)]
                time.sleep(PAUSE)
                pairs.append((bare(content), answered(content)))
    alone, waited = median(one for one, _ in pairs), median(other for _, other in pairs)
    ceiling = 1.5 * alone + 0.1
    slowest = max(other for _, other in pairs)
    print(
        f"{version} on {classifier.runtime.name}, {size} px: decode + forward "
        f"{alone * 1000:.0f} ms; upload's response to stored answer {waited * 1000:.0f} ms "
        f"(median of {UPLOADS}, slowest {slowest * 1000:.0f} ms); "
        f"ceiling {ceiling * 1000:.0f} ms, ratio {waited / ceiling:.2f}"
    )


if __name__ == "__main__":
    main()
