"""A clinic with a model in service, for the measurements of the worker."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from clinic.models import Case, LesionImage
    from inference.models import ModelVersion

CHECKOUT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 600, 450
DIFFERENT_PICTURES = 24


@contextmanager
def clinic_in_a_folder() -> Iterator[Path]:
    """Django on an empty database and a media folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["MEDIA_ROOT"] = str(folder / "media")
        os.environ["INFERENCE_CACHE_DIR"] = str(folder / "models")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield folder


def put_model_into_service() -> "ModelVersion":
    """Install and activate BENCH_PACKAGE, or the package that the product comes with."""
    from django.core.management import call_command

    from inference.models import ModelVersion

    packages = sorted((CHECKOUT / "inference/packages").glob("*"))
    chosen = os.environ.get("BENCH_PACKAGE") or (str(packages[-1]) if packages else "")
    if not chosen:
        raise SystemExit("There is no model package: set BENCH_PACKAGE to a package's path.")
    call_command("install_model", chosen, activate=True, verbosity=0)
    return ModelVersion.objects.get(state="active")


def pictures() -> list[bytes]:
    """JPEGs of 600 x 450: those of BENCH_IMAGES, or synthetic ones."""
    from io import BytesIO

    from PIL import Image

    if folder := os.environ.get("BENCH_IMAGES"):
        found = []
        for path in sorted(Path(folder).glob("*.jpg"))[:DIFFERENT_PICTURES]:
            stream = BytesIO()
            with Image.open(path) as image:
                image.convert("RGB").resize((WIDTH, HEIGHT)).save(stream, "JPEG", quality=90)
            found.append(stream.getvalue())
        return found
    from clinic.synthetic.dermoscopy import as_jpeg, make_dermoscopic_image

    return [
        as_jpeg(make_dermoscopic_image(seed, width=WIDTH, height=HEIGHT))
        for seed in range(DIFFERENT_PICTURES)
    ]


def open_case() -> "Case":
    """A draft of a patient with one lesion."""
    from accounts.models import Role, User
    from accounts.services import create_organisation, grant_role
    from clinic.services import register_lesion, register_patient, start_case

    clinic = create_organisation(name="Bench", slug="bench")
    person = User.objects.create_user("bench@example.com", full_name="Bench")
    grant_role(user=person, organisation=clinic, role=Role.CLINICIAN)
    patient = register_patient(
        organisation=clinic, actor=person, family_name="Bench", medical_record_number="1"
    )
    register_lesion(patient=patient, actor=person, body_site="forearm")
    return start_case(patient=patient, actor=person)


def store_images(case: "Case", count: int, contents: list[bytes]) -> "list[LesionImage]":
    """`count` rows with a file each. Rows of their own: a case holds a picture only once."""
    import hashlib

    from django.core.files.base import ContentFile

    from clinic.models import LesionImage

    lesion = case.patient.lesions.get()
    images = []
    for number in range(count):
        content = contents[number % len(contents)]
        image = LesionImage(
            case=case, lesion=lesion, media_type="image/jpeg", width=WIDTH, height=HEIGHT,
            size_bytes=len(content), sha256=hashlib.sha256(b"%d" % number).hexdigest(),
        )  # fmt: skip
        image.file.save("image.jpg", ContentFile(content), save=False)
        images.append(image)
    return LesionImage.objects.bulk_create(images)
