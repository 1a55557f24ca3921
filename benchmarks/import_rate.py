"""Images per second of `import_isic` without inference, beside its bare parts.

`python -m config.embedded python -m benchmarks.import_rate` (or `make bench`). The floor is
200 images/s on 2 cores; the ratio says how much of the time is decoding, which cannot be saved.
"""

import csv
import os
import tempfile
import time
from pathlib import Path

import django

IMAGES = 1000


def make_folder(folder: Path, *, size: tuple[int, int]) -> None:
    """A HAM10000-style folder of made-up lesions; every third image shares its lesion.

    A few are drawn, the rest are the same in other light: other bytes, the same work.
    """
    from PIL import ImageEnhance

    from clinic.synthetic.dermoscopy import make_dermoscopic_image
    from clinic.synthetic.lesions import DIAGNOSES

    width, height = size
    drawn = [
        make_dermoscopic_image(seed, width=width, height=height, diagnosis=diagnosis)
        for seed, diagnosis in enumerate(sorted(DIAGNOSES) * 3)
    ]
    (folder / "images").mkdir()
    with (folder / "metadata.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"])
        for number in range(IMAGES):
            lit = ImageEnhance.Brightness(drawn[number % len(drawn)]).enhance(0.8 + number / 5000)
            lit.save(folder / "images" / f"ISIC_{number}.jpg", quality=90)
            lesion = number - (1 if number % 3 == 2 else 0)
            rows.writerow([f"HAM_{lesion}", f"ISIC_{number}", "nv", "histo", "50", "male", "back"])


def measure(slug: str, *, size: tuple[int, int]) -> None:
    """Import one folder and print the rate and its share of bare preparation."""
    from django.core.management import call_command

    from accounts.services import create_organisation
    from clinic.imaging import prepare_upload
    from clinic.models import LesionImage

    organisation = create_organisation(name=slug, slug=slug)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_folder(folder, size=size)
        files = sorted((folder / "images").iterdir())
        start = time.perf_counter()
        for file in files[:200]:
            prepare_upload(file.read_bytes())
        bare = 200 / (time.perf_counter() - start)
        start = time.perf_counter()
        call_command(
            "import_isic",
            images=folder / "images",
            metadata=folder / "metadata.csv",
            organisation=slug,
            verbosity=0,
        )
        rate = IMAGES / (time.perf_counter() - start)
        assert LesionImage.objects.filter(case__organisation=organisation).count() == IMAGES
    width, height = size
    print(
        f"{width} x {height}: import {rate:,.0f} images/s; guard, de-identification and thumbnail "
        f"alone on one core {bare:,.0f} images/s; ratio {rate / bare:.2f}"
    )


def main() -> None:
    """Measure both sizes that HAM10000 comes in."""
    with tempfile.TemporaryDirectory() as media:
        os.environ["MEDIA_ROOT"] = media
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure("small", size=(256, 256))
        measure("native", size=(600, 450))


if __name__ == "__main__":
    main()
