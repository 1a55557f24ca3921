"""A file that should not be in the record: its sender hears why, and nothing is stored."""

from collections.abc import Callable

import pytest

from accounts.models import Organisation, User
from clinic.models import Case, Lesion, LesionImage
from clinic.services import start_case
from tests.cast import signed_in
from tests.clinic.imaging import pictures
from tests.clinic.imaging.pictures import jpeg, photograph, saved
from tests.clinic.views.sending import file, send, stored_files
from tests.factories import LesionFactory, PatientFactory


@pytest.fixture
def draft(northside: Organisation, alice: User) -> Case:
    return start_case(patient=PatientFactory(organisation=northside), actor=alice)


@pytest.fixture
def lesion(draft: Case) -> Lesion:
    return LesionFactory(patient=draft.patient)


def cut_short() -> bytes:
    return jpeg(640, 480)[:-4000]


def animated() -> bytes:
    frames = [photograph(160, 120, seed=n) for n in range(3)]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def sixteen_bit() -> bytes:
    return saved(photograph(160, 120).convert("L").convert("I;16"), "PNG")


def executable() -> bytes:
    return b"MZ" + bytes(58) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00" + bytes(400)


# What it is, how it is made, the refusal's code and words of its sentence.
REFUSED: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("no image", lambda: b"Dear colleague, " * 50, "not_an_image", "not"),
    ("a truncated JPEG", cut_short, "truncated", "ends before its picture does"),
    ("a bomb", lambda: pictures.png_bomb(20_000, 20_000), "too_many_pixels", "pixels"),
    ("a bomb by ratio", lambda: pictures.png_bomb(7_000, 7_000), "decompression_bomb", "bomb"),
    ("a polyglot", lambda: jpeg() + pictures.a_zip_archive(), "polyglot", "picture"),
    ("a renamed executable", executable, "disguised", "program"),
    ("a zero-byte file", lambda: b"", "empty", "empty (0 bytes)"),
    ("an animated image", animated, "animated", "animated"),
    ("a strip", lambda: jpeg(1600, 80), "too_narrow", "narrow strip"),
    ("a tiny one", lambda: jpeg(32, 32), "too_small", "too few to judge"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case[0].replace(" ", "-") for case in REFUSED])
def test_a_hostile_file_is_refused_with_its_reason_and_nothing_is_stored(
    alice: User, draft: Case, lesion: Lesion, case: tuple[str, Callable[[], bytes], str, str]
) -> None:
    _, make, code, sentence = case
    before = stored_files()
    response = send(signed_in(alice), draft, lesion, file(make()))
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code, problem
    assert sentence in problem["detail"]
    assert LesionImage.objects.count() == 0
    assert stored_files() == before


@pytest.mark.parametrize(
    "make",
    [
        sixteen_bit,
        lambda: saved(photograph(160, 120).convert("CMYK"), "JPEG"),
        lambda: saved(photograph(160, 120).convert("1"), "PNG"),
        lambda: saved(photograph(160, 120).convert("P"), "PNG"),
        lambda: saved(photograph(160, 120).convert("RGBA"), "PNG"),
        lambda: saved(photograph(160, 120), "TIFF"),
        lambda: saved(photograph(160, 120), "GIF"),
        lambda: saved(photograph(160, 120), "BMP"),
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    ],
    ids=["16-bit", "CMYK", "1-bit", "palette", "alpha", "TIFF", "GIF", "BMP", "SVG"],
)
def test_an_unusual_image_is_taken_or_refused_with_a_sentence(
    alice: User, draft: Case, lesion: Lesion, make: Callable[[], bytes]
) -> None:
    response = send(signed_in(alice), draft, lesion, file(make()))
    if response.status_code == 201:
        assert draft.images.count() == 1
    else:
        assert response.status_code == 400
        assert len(response.json()["detail"]) > 20
        assert draft.images.count() == 0
