"""Images per second of the worker's drain, beside a bare loop of decode and forward.

`python -m config.embedded python -m benchmarks.worker_throughput` (or `make bench`). The floor is
0.9: claiming, leasing, storing answers and maps may cost a tenth. Both run in this process, on the
same files, through the same loaded model, in turns. BENCH_PACKAGE and BENCH_IMAGES name others.
"""

import time
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

IMAGES = 500
ROUNDS = 5
FLOOR = 0.9


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

        def bare() -> float:
            start = time.perf_counter()
            for first in range(0, IMAGES, batch):
                chunk = images[first : first + batch]
                pixels = []
                for image in chunk:
                    with image.file.storage.open(image.file.name) as stored:
                        pixels.append(load_image(stored.read(), size))
                classifier.classify(pixels)
            return IMAGES / (time.perf_counter() - start)

        def worker() -> float:
            Prediction.objects.all().delete()
            queue_predictions(images=images)
            start = time.perf_counter()
            report = Drain(must_stop=lambda: False, seconds=3600).run()
            rate = IMAGES / (time.perf_counter() - start)
            assert report.stored == IMAGES
            assert Prediction.objects.filter(state="succeeded").count() == IMAGES
            return rate

        bare()
        rates = [(bare(), worker()) for _ in range(ROUNDS)]
        loop, drain = median(rate for rate, _ in rates), median(rate for _, rate in rates)
        print(
            f"{version} on {classifier.runtime.name}, {size} px, {IMAGES} images of "
            f"{WIDTH} x {HEIGHT}: bare loop {loop:.0f} images/s, worker {drain:.0f} images/s; "
            f"ratio {drain / loop:.2f} (floor {FLOOR})"
        )
        for one, other in rates:
            print(f"  {one:6.1f} {other:6.1f}  {other / one:.2f}")


if __name__ == "__main__":
    main()
