"""The list of images on which two models differ."""

from inference.comparison.contest import Answer, Contender
from inference.comparison.differing import MOST_LISTED, differing
from tests.inference.comparison.contests import CODES, contest, model, sealed


def given(called: str, malignancy: float) -> Answer:
    return Answer(called, malignancy, {called: 0.6})


def test_what_a_patient_would_lose_comes_first() -> None:
    labels = ("nv", "mel", "mel", "nv", "bkl", "bkl", "df", "nv", "mel")
    images = [
        image._replace(label=label, malignant=label == "mel")
        for image, label in zip(sealed(9), labels, strict=True)
    ]
    pairs = [  # new, old
        (given("mel", 0.9), given("nv", 0.1)),
        (given("nv", 0.1), given("mel", 0.9)),
        (given("mel", 0.9), given("nv", 0.1)),
        (given("nv", 0.1), given("mel", 0.9)),
        (given("nv", 0.1), given("bkl", 0.1)),
        (given("bkl", 0.1), given("nv", 0.1)),
        (given("nv", 0.1), given("bkl", 0.1)),
        (given("nv", 0.1), given("nv", 0.2)),
        (given("mel", 0.7), given("mel", 0.9)),
    ]
    new, old = (
        Contender("m", CODES, 0.5, {row: pair[side] for row, pair in enumerate(pairs)})
        for side in (0, 1)
    )
    found = differing(contest(images, new, old))
    assert [(row["row"], row["consequence"]) for row in found["rows"]] == [
        (1, "missed"), (2, "found"), (0, "false_alarm"), (3, "spared"), (4, "class_lost"),
        (5, "class_won"), (6, "both_wrong"),
    ]  # fmt: skip
    assert found["total"] == 7
    assert found["rows"][0]["candidate"] == {
        "called": "nv", "probability": 0.6, "malignancy": 0.1, "marked": False,
    }  # fmt: skip


def test_no_answer_is_said_and_the_list_ends_while_the_count_goes_on() -> None:
    images = sealed(400)
    champion = model(images, right=1, seed=1)
    silent = Contender("silent", CODES, 0.5, {})
    found = differing(contest(images, silent, champion))
    assert len(found["rows"]) == MOST_LISTED
    assert found["total"] == sum(found["counts"].values()) == 400
    assert found["rows"][0]["candidate"] is None
    assert found["rows"][0]["consequence"] == "missed"


def test_a_class_that_no_label_has_is_still_named() -> None:
    images = [image._replace(label="nv", malignant=False) for image in sealed(2)]
    new = Contender("m", ("nv", "sk"), 0.5, {0: given("sk", 0.1), 1: given("nv", 0.1)})
    old = Contender("m", ("nv", "df"), 0.5, {0: given("df", 0.1), 1: given("nv", 0.1)})
    [row] = differing(contest(images, new, old))["rows"]
    assert row["consequence"] == "both_wrong"
    assert (row["candidate"]["called"], row["champion"]["called"]) == ("sk", "df")
