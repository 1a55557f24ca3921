"""Two models on generated images, and how often each is right."""

from typing import Any

import numpy as np

from inference.comparison.contest import Answer, Contender, Contest, Rules, SealedImage

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
MALIGNANT = {"akiec", "bcc", "mel"}
MARGINS = {"balanced_accuracy": 0.03, "sensitivity": 0.03}


def sealed(count: int = 700, **same: Any) -> list[SealedImage]:
    """Two images a patient, the classes in turn."""
    values = {
        "organisation": "Northside", "label_source": "pathology", "sex": "", "age": None,
        "body_site": "", "skin_type": None, "image_kind": "dermoscopic", **same,
    }  # fmt: skip
    return [
        SealedImage(
            row=row, patient=f"P-{row // 2}", label=CODES[row // 2 % 7],
            malignant=CODES[row // 2 % 7] in MALIGNANT, **values,
        )
        for row in range(count)
    ]  # fmt: skip


def answer(label: str, *, right: bool, wrong_as: str = "") -> Answer:
    """Sure of the truth, or of another class: the other side of the operating point."""
    other = wrong_as or ("nv" if label in MALIGNANT else "mel")
    called = label if right else other
    rest = {code: 0.02 for code in CODES if code != called}
    probabilities = {**rest, called: 0.88}
    return Answer(called, sum(probabilities[code] for code in MALIGNANT), probabilities)


def model(
    images: list[SealedImage], *, right: float, seed: int, name: str = "a model", **values: Any
) -> Contender:
    """Right on this share of the images, by chance."""
    hits = np.random.default_rng(seed).random(len(images)) < right
    answers = {
        image.row: answer(image.label, right=bool(hit))
        for image, hit in zip(images, hits, strict=True)
    }
    return Contender(name, CODES, **{"threshold": 0.5, "answers": answers, **values})


def contest(images: list[SealedImage], candidate: Contender, champion: Contender) -> Contest:
    return Contest(images, candidate, champion)


def rules(**values: Any) -> Rules:
    return Rules(**{"margins": MARGINS, "resamples": 400, **values})
