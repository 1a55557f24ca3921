"""Rows for tests. Everything valid by default; a test states only what it is about."""

import uuid
from datetime import UTC, datetime, timedelta

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Membership, Organisation, Role, User
from clinic.models import Case, CaseState, Diagnosis, Lesion, LesionImage, Patient, Reading
from inference.models import ModelState, ModelVersion, Prediction

PASSWORD = "correct horse battery"


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Hospital {n}")
    slug = factory.Sequence(lambda n: f"hospital-{n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.CLINICIAN


class PatientFactory(DjangoModelFactory):
    class Meta:
        model = Patient

    organisation = factory.SubFactory(OrganisationFactory)
    medical_record_number = factory.Sequence(lambda n: f"MRN-{n:06d}")
    given_name = "Robin"
    family_name = factory.Sequence(lambda n: f"Example{n}")
    sex = "female"
    birth_date = datetime(1971, 3, 14, tzinfo=UTC).date()
    fitzpatrick_type = 2


class LesionFactory(DjangoModelFactory):
    class Meta:
        model = Lesion

    patient = factory.SubFactory(PatientFactory)
    number = factory.LazyAttribute(lambda o: o.patient.lesions.count() + 1)
    body_site = "forearm"
    side = "left"


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = Case

    class Params:
        submitted = factory.Trait(
            state=CaseState.SUBMITTED, submitted_at=factory.LazyFunction(timezone.now)
        )

    patient = factory.SubFactory(PatientFactory)
    organisation = factory.SelfAttribute("patient.organisation")
    number = factory.Sequence(lambda n: n + 1)
    clinical_question = "Changing mole, please assess."
    submitter = factory.SubFactory(UserFactory)


class LesionImageFactory(DjangoModelFactory):
    """An image row with small stand-in files (tests of real pixels go through the services)."""

    class Meta:
        model = LesionImage

    case = factory.SubFactory(CaseFactory)
    lesion = factory.LazyAttribute(lambda o: LesionFactory(patient=o.case.patient))
    sha256 = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    media_type = "image/jpeg"
    width = 600
    height = 450
    size_bytes = 5
    file = factory.LazyFunction(lambda: ContentFile(b"image", name="image.jpg"))
    thumbnail = factory.LazyFunction(lambda: ContentFile(b"thumb", name="thumbnail.webp"))


HAM10000_CLASSES = [
    {"code": "akiec", "name": "Actinic keratosis or Bowen's disease", "malignancy": "indeterminate",
     "counts_as_malignant": True},
    {"code": "bcc", "name": "Basal cell carcinoma", "malignancy": "malignant",
     "counts_as_malignant": True},
    {"code": "bkl", "name": "Benign keratosis-like lesion", "malignancy": "benign",
     "counts_as_malignant": False},
    {"code": "df", "name": "Dermatofibroma", "malignancy": "benign", "counts_as_malignant": False},
    {"code": "mel", "name": "Melanoma", "malignancy": "malignant", "counts_as_malignant": True},
    {"code": "nv", "name": "Melanocytic nevus", "malignancy": "benign",
     "counts_as_malignant": False},
    {"code": "vasc", "name": "Vascular lesion", "malignancy": "benign",
     "counts_as_malignant": False},
]  # fmt: skip


class ModelVersionFactory(DjangoModelFactory):
    class Meta:
        model = ModelVersion

    name = "resnet18"
    version = factory.Sequence(lambda n: f"1.{n}.0")
    architecture = "resnet18"
    digest = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    classes = HAM10000_CLASSES
    preprocessing = {"size": 160}
    operating_points = [
        {"name": "sensitivity-0.95", "malignancy_threshold": 0.2, "sensitivity": 0.95,
         "specificity": 0.6}
    ]  # fmt: skip
    card = "# A model"
    state = ModelState.ACTIVE
    prepared_at = factory.LazyFunction(timezone.now)
    # A retired model was in service, unless a test says otherwise.
    activated_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.state == ModelState.RETIRED else None
    )


class PredictionFactory(DjangoModelFactory):
    class Meta:
        model = Prediction

    class Params:
        answered = factory.Trait(
            state="succeeded",
            attempts=1,
            probabilities={
                "akiec": 0.02, "bcc": 0.03, "bkl": 0.1, "df": 0.01, "mel": 0.62, "nv": 0.2,
                "vasc": 0.02,
            },
            top_class="mel",
            malignancy=0.67,
            uncertainty=0.6,
            duration_ms=42,
            finished_at=factory.LazyFunction(timezone.now),
        )  # fmt: skip
        failed = factory.Trait(
            state="failed", attempts=3, reason="The stored image could not be read.",
            finished_at=factory.LazyFunction(timezone.now),
        )  # fmt: skip

    image = factory.SubFactory(LesionImageFactory)
    model_version = factory.SubFactory(ModelVersionFactory)
    queued_at = factory.LazyFunction(timezone.now)


def diagnosis(code: str) -> Diagnosis:
    """A node of the taxonomy that the migrations loaded."""
    return Diagnosis.objects.get(code=code, taxonomy_version="2026.1")


class ReadingFactory(DjangoModelFactory):
    """A reader's turn, with the case on the desk."""

    class Meta:
        model = Reading

    case = factory.SubFactory(CaseFactory, submitted=True)
    reader = factory.SubFactory(UserFactory)
    lock_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=30))
