"""What is let in, and what is said about it."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256

import pytest
from PIL import Image

from clinic.imaging import inspect_image, prepare_upload
from tests.clinic.imaging.pictures import (
    decoded,
    heic,
    jpeg,
    jpeg_segment,
    photograph,
    png,
    saved,
    telling_exif,
    webp,
    with_segments,
)


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (jpeg(), "JPEG", "image/jpeg"),
        (jpeg(progressive=True), "JPEG", "image/jpeg"),
        (png(), "PNG", "image/png"),
        (webp(), "WEBP", "image/webp"),
        (webp(lossless=True), "WEBP", "image/webp"),
    ],
)
def test_an_ordinary_picture_is_accepted_for_what_its_content_is(content, kind, media_type):
    accepted = inspect_image(content)

    assert (accepted.format, accepted.media_type) == (kind, media_type)
    assert (accepted.width, accepted.height, accepted.mode) == (160, 120, "RGB")
    assert accepted.bytes == len(content)
    assert accepted.sha256 == sha256(content).hexdigest()


def test_a_heic_picture_from_a_phone_is_accepted():
    accepted = inspect_image(heic(160, 128))
    assert (accepted.format, accepted.width, accepted.height) == ("HEIC", 160, 128)


def test_a_turned_heic_has_the_sides_a_person_sees():
    content = heic(160, 128, exif=telling_exif(6))
    accepted = inspect_image(content)
    assert (accepted.width, accepted.height) == decoded(content).size == (128, 160)
    assert accepted.captured_at == datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001


def test_an_open_file_is_read_like_its_bytes():
    assert inspect_image(io.BytesIO(jpeg())) == inspect_image(jpeg())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_a_person_sees(orientation):
    accepted = inspect_image(jpeg(exif=telling_exif(orientation)))
    expected = (120, 160) if orientation >= 5 else (160, 120)
    assert (accepted.width, accepted.height) == expected


@pytest.mark.parametrize("orientation", [0, 9, 4711])
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_an_impossible_orientation_is_upright(make, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    accepted = inspect_image(make(exif=exif.tobytes()))
    assert (accepted.width, accepted.height) == (160, 120)
    assert prepare_upload(make(exif=exif.tobytes())).content == prepare_upload(make()).content


def test_the_capture_time_is_the_cameras_own_clock():
    taken = datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001
    for content in (jpeg(exif=telling_exif()), png(exif=telling_exif()), webp(exif=telling_exif())):
        assert inspect_image(content).captured_at == taken


@pytest.mark.parametrize("date", ["0000:00:00 00:00:00", "2024:13:45 99:00:00", "yesterday, noon"])
def test_an_impossible_capture_time_is_no_capture_time(date):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = date
    assert inspect_image(jpeg(exif=exif.tobytes())).captured_at is None


@pytest.mark.parametrize(
    "junk", [b"", b"II", b"II*\x00\xff\xff\xff\xff", b"MM\x00*\x00\x00\x00\x08\xff\xff"]
)
def test_broken_exif_is_no_reason_to_refuse_a_picture(junk):
    accepted = inspect_image(with_segments(jpeg(), jpeg_segment(0xE1, b"Exif\x00\x00" + junk)))
    assert (accepted.captured_at, accepted.width) == (None, 160)


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (photograph().convert("L"), "L"),
        (photograph().convert("LA"), "LA"),
        (photograph().convert("RGBA"), "RGBA"),
        (photograph().quantize(200), "P"),
    ],
)
def test_grey_transparent_and_palette_png_are_accepted(image, mode):
    assert inspect_image(saved(image, "PNG")).mode == mode


def test_a_palette_png_with_transparency_is_accepted_without_a_warning():
    image = photograph().quantize(200)
    content = saved(image, "PNG", transparency=bytes(range(200)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert inspect_image(content).mode == "P"


def test_a_grey_jpeg_is_accepted_with_a_word_about_its_colours():
    accepted = inspect_image(
        saved(photograph(), "JPEG") and saved(photograph().convert("L"), "JPEG")
    )
    assert accepted.mode == "L"
    assert "no_colour" in {finding.code for finding in accepted.quality}


def test_the_first_picture_of_a_phones_multi_picture_file_is_accepted():
    content = saved(
        photograph(), "MPO", save_all=True, append_images=[photograph(seed=2)], quality=90
    )
    accepted = inspect_image(content)
    assert (accepted.format, accepted.width, accepted.height) == ("JPEG", 160, 120)


def test_many_threads_get_the_answers_of_one():
    contents = [jpeg(), png(), webp(), heic(), jpeg(640, 480, progressive=True)] * 6
    alone = [inspect_image(content) for content in contents]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(inspect_image, contents)) == alone


def test_what_is_accepted_can_be_decoded_by_anyone():
    for content in (jpeg(), png(), webp(), heic()):
        accepted = inspect_image(content)
        assert decoded(content).size == (accepted.width, accepted.height)
