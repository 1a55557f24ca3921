"""Images per second of the worker's drain, beside a bare loop of decode and forward.

`python -m config.embedded python -m benchmarks.worker_throughput` (or `make bench`). The floor is
0.9: claiming, leasing, storing answers and maps may cost a tenth. Both run in this process, on the
same files, through the same loaded model, in turns. BENCH_PACKAGE and BENCH_IMAGES name others.
"""

import os
import time
from dataclasses import dataclass
from statistics import median

from benchmarks._service import (
    HEIGHT,
    WIDTH,
    clinic_in_a_folder,
    open_case,
    pictures,
    put_model_into_service,
    store_images,
)

IMAGES = int(os.environ.get("BENCH_COUNT", "500"))
ROUNDS = 3
FLOOR = 0.9


@dataclass(frozen=True)
class Run:
    """Seconds for all images: on the clock, and of this process's processor time."""

    elapsed: float
    processor: float

    @property
    def images_per_second(self) -> float:
        """On the clock."""
        return IMAGES / self.elapsed

    def __str__(self) -> str:
        return (
            f"{self.images_per_second:.0f} images/s, "
            f"{1000 * self.processor / IMAGES:.1f} ms of processor time an image"
        )


def main() -> None:
    """Measure in turns and print the ratio of the medians."""
    with clinic_in_a_folder():
        from inference.engine.preprocess import load_image
        from inference.models import Prediction
        from inference.services import queue_predictions
        from inference.worker.drain import Drain
        from inference.worker.loaded_models import loaded_models

        version = put_model_into_service()
        images = store_images(open_case(), IMAGES, pictures())
        classifier = loaded_models.classifier(version)
        size, batch = classifier.package.preprocessing.size, classifier.runtime.batch_size

        def bare() -> Run:
            start, processor = time.perf_counter(), time.process_time()
            for first in range(0, IMAGES, batch):
                chunk = images[first : first + batch]
                pixels = []
                for image in chunk:
                    with image.file.storage.open(str(image.file.name)) as stored:
                        pixels.append(load_image(stored.read(), size))
                classifier.classify(pixels)
            return Run(time.perf_counter() - start, time.process_time() - processor)

        def worker() -> Run:
            Prediction.objects.all().delete()
            queue_predictions(images=images)
            start, processor = time.perf_counter(), time.process_time()
            report = Drain(must_stop=lambda: False, seconds=3600).run()
            run = Run(time.perf_counter() - start, time.process_time() - processor)
            assert report.stored == IMAGES
            assert Prediction.objects.filter(state="succeeded").count() == IMAGES
            return run

        bare()
        rounds = [(bare(), worker()) for _ in range(ROUNDS)]
        loop, drain = (
            median(run.images_per_second for run in runs) for runs in zip(*rounds, strict=True)
        )
        print(
            f"{version} on {classifier.runtime.name}, {size} px, {IMAGES} images of "
            f"{WIDTH} x {HEIGHT}: bare loop {loop:.0f} images/s, worker {drain:.0f} images/s; "
            f"ratio {drain / loop:.2f} (floor {FLOOR})"
        )
        for one, other in rounds:
            print(f"  bare {one}; worker {other}")


if __name__ == "__main__":
    main()
