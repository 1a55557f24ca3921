"""One case, a model whose figures occur nowhere else, and the people who read it."""

import pytest

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, LesionImage
from clinic.services import change_reading_policy, load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR
from inference.models import ModelState, Prediction
from inference.services.outcomes import refresh_case_malignancy
from tests.browser.reading_room.traffic import FIGURES
from tests.browser.stage.conftest import give_picture
from tests.clinic.reading_cases import SALIENCY, second_dermatologist, waiting_case
from tests.factories import ModelVersionFactory, PredictionFactory, UserFactory

WIDTH, HEIGHT = 1200, 900


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")


@pytest.fixture
def erin(northside: Organisation) -> User:
    """The second reader."""
    return second_dermatologist(northside)


@pytest.fixture
def fred(northside: Organisation) -> User:
    """The third one, who decides."""
    fred = UserFactory(email="fred@northside.example", full_name="Fred Falk")
    grant_role(user=fred, organisation=northside, role=Role.DERMATOLOGIST)
    return fred


@pytest.fixture
def case(northside: Organisation, alice: User) -> Case:
    """Submitted by Alice and answered by the model: a melanoma, it says."""
    return answered_case(northside, alice)


@pytest.fixture
def read_twice(northside: Organisation, ada: User) -> None:
    """Every case gets a second read."""
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)


def answered_case(organisation: Organisation, submitter: User, *, images: int = 1) -> Case:
    """One lesion with pictures large enough to be zoomed, and an answer to each."""
    case = waiting_case(organisation, images=images, answer="none", submitter=submitter)
    version = ModelVersionFactory(name="zweitblick", version="9.9.9", state=ModelState.ACTIVE)
    for image in case.images.all():
        give_picture(image, WIDTH, HEIGHT)
        answer(image, version)
    refresh_case_malignancy(cases=[case.pk])
    return case


def answer(image: LesionImage, version: object) -> Prediction:
    return PredictionFactory(
        image=image, model_version=version, answered=True, probabilities=FIGURES.probabilities,
        malignancy=FIGURES.malignancy, uncertainty=FIGURES.uncertainty,
        strangeness=FIGURES.strangeness, plausible=["mel", "nv"], called="mel", saliency=SALIENCY,
    )  # fmt: skip
