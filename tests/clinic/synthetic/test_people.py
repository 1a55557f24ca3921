"""People made up for the demo: repeatable, plausible, and never to be taken for real ones."""

import subprocess
import sys
from datetime import date

from clinic.synthetic.people import make_patient, make_people

TODAY = date(2026, 3, 1)
SITES = {
    "scalp", "face", "ear", "neck", "chest", "abdomen", "back", "shoulder", "upper_arm", "forearm",
    "hand", "genital", "buttock", "thigh", "lower_leg", "foot", "palm_sole", "oral",
}  # fmt: skip
PEOPLE = make_people(600, today=TODAY)
LESIONS = [lesion for person in PEOPLE for lesion in person.lesions]


def test_the_same_number_is_always_the_same_person():
    assert make_people(5, today=TODAY) == PEOPLE[:5]
    assert make_patient(3, today=TODAY) == PEOPLE[2]
    assert make_patient(3, today=TODAY, seed=1) != PEOPLE[2]


def test_everybody_is_marked_and_numbered_apart():
    numbers = [person.medical_record_number for person in PEOPLE]
    assert numbers[0] == "SYN-000001"
    assert len(set(numbers)) == len(PEOPLE)
    assert all(person.is_synthetic for person in PEOPLE)


def test_people_fit_the_record():
    for person in PEOPLE:
        assert person.given_name
        assert person.family_name
        assert max(len(person.given_name), len(person.family_name)) <= 100
        assert person.sex in {"female", "male", "other", "unknown"}
        assert person.fitzpatrick_type in range(1, 7)
        assert date(1900, 1, 1) < person.birth_date < TODAY


def test_lesions_fit_the_record():
    for lesion in LESIONS:
        assert lesion.body_site in SITES
        assert lesion.side in {"left", "right", "midline"}
        assert lesion.view in {"front", "back"}
        assert lesion.question.endswith(("?", "."))
        assert lesion.history.endswith(".")
        assert lesion.first_seen_on < TODAY


def test_no_lesion_is_older_than_its_patient():
    for person in PEOPLE:
        assert all(lesion.first_seen_on > person.birth_date for lesion in person.lesions)


def test_limbs_have_sides_and_the_back_is_not_in_front():
    assert all(
        lesion.side != "midline"
        for lesion in LESIONS
        if lesion.body_site in {"hand", "foot", "ear"}
    )
    assert all(lesion.view == "back" for lesion in LESIONS if lesion.body_site == "back")
    assert all(lesion.view == "front" for lesion in LESIONS if lesion.body_site == "face")


def test_the_cast_is_varied_enough_to_break_a_layout():
    assert {lesion.diagnosis for lesion in LESIONS} == {
        "nv", "mel", "bkl", "bcc", "akiec", "vasc", "df",
    }  # fmt: skip
    names = [f"{person.family_name}, {person.given_name}" for person in PEOPLE]
    assert max(map(len, names)) > 40
    assert min(map(len, names)) < 9
    assert any(not name.isascii() for name in names)
    assert {len(person.lesions) for person in PEOPLE} == {1, 2, 3, 5}
    assert {person.fitzpatrick_type for person in PEOPLE} == {1, 2, 3, 4, 5, 6}


def test_old_people_have_other_lesions_than_young_ones():
    def share_of_moles(low: int, high: int) -> float:
        lesions = [
            lesion.diagnosis
            for person in PEOPLE
            if low <= TODAY.year - person.birth_date.year < high
            for lesion in person.lesions
        ]
        return lesions.count("nv") / len(lesions)

    assert share_of_moles(0, 35) > share_of_moles(60, 120) + 0.3


def test_melanoma_in_dark_skin_is_where_it_is_found_there():
    sites = {
        lesion.body_site
        for person in PEOPLE
        if person.fitzpatrick_type >= 5
        for lesion in person.lesions
        if lesion.diagnosis == "mel"
    }
    assert sites
    assert sites <= {"palm_sole", "foot", "hand"}


def test_people_need_no_worker_library():
    code = "import sys, clinic.synthetic.people; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
