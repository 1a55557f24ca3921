"""The model's opinion of a case as JSON, for the record of what a reader was shown."""

from typing import Any

from clinic.models import Case, Diagnosis
from clinic.selectors import taxonomy
from inference.answers import answers_among
from inference.lesion_answers import LesionAnswer
from inference.models import Prediction
from inference.selectors.predictions import was_ever_shown


def opinion_of_case(case: Case) -> dict[str, dict[str, Any]]:
    """What the model says of each lesion, by the lesion's key; in two queries.

    By the same choice as on the page: the active model's answers, else the newest, never a
    candidate's or a shadow's. A lesion is left out while one of its images still waits for an
    answer, and where all failed: then nothing is shown of it either. This asks nobody whether they
    may see it; what comes of it is kept in the record when it is shown.
    """
    by_class = taxonomy().by_class
    predictions = Prediction.objects.filter(was_ever_shown(), image__case=case)
    return {
        str(lesion): lesion_opinion(answer, by_class)
        for lesion, answer in answers_among(predictions).lesions.items()
        if answer.answered and not answer.is_pending
    }


def lesion_opinion(answer: LesionAnswer, by_class: dict[str, Diagnosis]) -> dict[str, Any]:
    """The suggestion on one lesion.

    `likeliest` is the class of the highest mean probability, which is what is suggested, and
    `diagnosis` its code in the taxonomy (None where the taxonomy has no such class). `called` is
    the package's decision, "" where it was not recorded; `plausible`, `strangeness` null likewise.
    `malignancy` is the highest of the images, `images` are those that the mean is over.
    """
    version, top = answer.model_version, answer.top
    if version is None or top is None:
        raise ValueError("There is no answer to make an opinion of.")
    diagnosis, plausible = by_class.get(top.code), answer.plausible
    return {
        "model": str(version),
        "version": str(version.pk),
        "digest": version.digest,
        "likeliest": top.code,
        "called": answer.called.code if answer.called else "",
        "diagnosis": diagnosis.code if diagnosis else None,
        "probabilities": answer.probabilities,
        "malignancy": answer.malignancy,
        "operating_point": answer.operating_point,
        "suspicious": answer.is_suspicious,
        "plausible": None if plausible is None else [row.code for row in plausible],
        "strangeness": answer.strangeness,
        "sureness": answer.sureness.key if answer.sureness else None,
        "images": [str(image.prediction.image_id) for image in answer.judged],
    }
