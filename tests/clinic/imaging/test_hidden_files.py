"""One file that is two: a picture to the guard, something else to whoever opens it next."""

import io
import struct
import zipfile

import pytest

from clinic.imaging import ImageRefused, inspect_image, prepare_upload
from tests.clinic.imaging.pictures import (
    a_zip_archive,
    decoded,
    heic,
    jpeg,
    jpeg_segment,
    photograph,
    png,
    png_chunk,
    saved,
    webp,
    with_chunks,
    with_segments,
)

HIDDEN = {
    "zip": (a_zip_archive(), "a ZIP archive"),
    "html": (b"\n<html><script>alert(1)</script></html>", "a web page"),
    "script": (b"<SCRIPT src=//evil>", "a web page"),
    "php": (b"<?php system('id'); ?>", "a PHP program"),
    "pdf": (b"\n%PDF-1.4\n1 0 obj", "a PDF document"),
    "exe": (b"MZ\x90\x00" + bytes(64), "a program"),
    "elf": (b"\x7fELF" + bytes(64), "a program"),
}


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize(("payload", "name"), HIDDEN.values(), ids=HIDDEN)
def test_a_picture_with_another_file_behind_it_is_refused(make, payload, name):
    with pytest.raises(ImageRefused) as caught:
        inspect_image(make() + payload)
    assert caught.value.code == "polyglot"
    assert name in caught.value.reason


@pytest.mark.parametrize(("payload", "name"), HIDDEN.values(), ids=HIDDEN)
def test_a_heic_with_another_file_behind_it_is_refused(payload, name):
    boxed = struct.pack(">I4s", len(payload) + 8, b"skip") + payload
    for content in (heic() + payload, heic() + boxed):
        with pytest.raises(ImageRefused) as caught:
            inspect_image(content)
        assert caught.value.code == "polyglot"
        assert name in caught.value.reason


@pytest.mark.parametrize("payload", [b"%PDF-1.4\n", b"GIF89a", b"<html>", b"MZ", a_zip_archive()])
def test_a_picture_with_another_file_before_it_is_refused(payload):
    with pytest.raises(ImageRefused):
        inspect_image(payload + jpeg())


def test_a_web_page_in_a_comment_is_refused():
    page = b"<html><script>alert(1)</script></html>"
    for content in (
        with_segments(jpeg(), jpeg_segment(0xFE, page)),
        with_chunks(png(), png_chunk(b"tEXt", b"Comment\x00" + page)),
    ):
        with pytest.raises(ImageRefused) as caught:
            inspect_image(content)
        assert caught.value.code == "polyglot"


def test_an_archive_whose_directory_covers_the_end_of_a_jpeg_is_refused():
    archive = a_zip_archive()
    end = archive.index(b"PK\x05\x06")
    picture = jpeg()
    covered = archive[: end + 20] + struct.pack("<H", len(picture) - 2) + archive[end + 22 :]
    # Within a segment that nobody reads, and with nothing behind the picture.
    content = picture[:2] + jpeg_segment(0xE9, b"harmless" + covered) + picture[2:]
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.namelist() == ["payload.sh"]
    with pytest.raises(ImageRefused) as caught:
        inspect_image(content)
    assert caught.value.code == "polyglot"


FOLLOWERS = {
    "padding": bytes(4096),
    "a second picture": jpeg(80, 80),
    "a motion photo's film": b"\x00\x00\x00\x18ftypmp42" + bytes(5000),
    "a phone's own trailer": b"\x00\x00\x01\x0aImage_UTC_Data1700000000000SEFHSEFT",
}


@pytest.mark.parametrize("follower", FOLLOWERS.values(), ids=FOLLOWERS)
def test_what_cameras_write_behind_a_picture_is_left_out_without_a_word(follower):
    prepared = prepare_upload(jpeg() + follower)
    assert prepared.content == prepare_upload(jpeg()).content
    assert prepared.content.endswith(b"\xff\xd9")


def test_the_second_picture_of_a_phone_is_left_out():
    content = saved(
        photograph(), "MPO", save_all=True, append_images=[photograph(seed=9)], quality=90
    )
    prepared = prepare_upload(content)
    assert prepared.content.count(b"\xff\xd8\xff") == 1
    assert b"MPF\x00" not in prepared.content
    assert decoded(prepared.content).tobytes() == decoded(content).tobytes()
