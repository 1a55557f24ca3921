"""What is let in and what is not, and with which sentence."""

import io
import re
import struct
import time
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256

import pytest
from PIL import Image, ImageFile

from clinic.imaging import ImageRefused, Limits, decode, guard, inspect_image
from tests.clinic.imaging.pictures import (
    decoded,
    heic,
    jpeg,
    jpeg_segment,
    photograph,
    png,
    png_bomb,
    png_chunk,
    png_header,
    saved,
    telling_exif,
    webp,
    with_chunks,
    with_segments,
)


def refusal(content: bytes, **options: object) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        inspect_image(content, **options)  # type: ignore[arg-type]
    return caught.value


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


# --- refused -----------------------------------------------------------------------------------


def test_an_empty_file_is_refused():
    assert refusal(b"").code == "empty"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"MZ\x90\x00\x03" + bytes(200), "disguised", "a Windows program"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "disguised", "a Linux program"),
        (b"PK\x03\x04" + bytes(200), "disguised", "ZIP"),
        (b"%PDF-1.7\n" + bytes(200), "disguised", "PDF"),
        (b"#!/bin/sh\nrm -rf /\n", "disguised", "script"),
        (b"<!DOCTYPE html><html></html>", "disguised", "web page"),
        (b"<?php system($_GET['c']); ?>", "disguised", "script"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported_format", "SVG"),
        (b'<?xml version="1.0"?>\n<svg onload="alert(1)"/>', "unsupported_format", "SVG"),
        (saved(photograph(), "GIF"), "unsupported_format", "GIF"),
        (saved(photograph(), "BMP"), "unsupported_format", "bitmap"),
        (saved(photograph(), "TIFF"), "unsupported_format", "TIFF"),
        (saved(photograph(), "AVIF"), "unsupported_format", "AVIF"),
        (bytes(128) + b"DICM" + bytes(100), "unsupported_format", "DICOM"),
        (b"Dear doctor, please find the picture below.", "not_an_image", "text"),
        ("Schöne Grüße\n".encode() * 200, "not_an_image", "text"),
        (bytes(range(256)) * 8, "not_an_image", "No picture"),
        (b"\xff", "not_an_image", "No picture"),
    ],
)
def test_what_is_no_accepted_picture_is_refused_by_its_name(content, code, said):
    refused = refusal(content)
    assert refused.code == code
    assert said in refused.reason
    assert "JPEG, PNG, WebP and HEIC pictures are accepted" in refused.reason


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("make", [jpeg, png, webp, heic])
def test_a_file_that_was_cut_off_is_refused(make, part):
    content = make()
    assert refusal(content[: int(len(content) * part)]).code in {
        "truncated",
        "damaged",
        "not_an_image",
    }


def test_a_truncated_jpeg_is_called_cut_off():
    refused = refusal(jpeg(640, 480)[:-3000])
    assert refused.code == "truncated"
    assert "copy it again" in refused.reason


def test_a_truncated_png_is_called_cut_off():
    assert refusal(png(640, 480)[:-3000]).code == "truncated"


def test_a_cut_jpeg_that_was_given_an_end_is_still_called_cut_off():
    content = jpeg(640, 480)
    assert refusal(content[: len(content) // 2] + b"\xff\xd9").code == "truncated"


def test_a_png_whose_data_end_early_is_called_cut_off():
    rows = zlib.compress(bytes(300 * 100))
    content = png_header(100, 100) + png_chunk(b"IDAT", rows[:20]) + png_chunk(b"IEND", b"")
    assert refusal(content).code in {"truncated", "damaged"}


def test_a_png_with_a_wrong_checksum_is_refused():
    content = bytearray(png())
    content[content.index(b"IDAT") + 20] ^= 0xFF
    assert refusal(bytes(content)).code in {"truncated", "damaged"}


@pytest.mark.parametrize("size", [(30_000, 30_000), (65_500, 65_500), (2_000_000_000, 1)])
def test_a_decompression_bomb_is_refused_before_a_pixel_is_decoded(monkeypatch, size):
    monkeypatch.setattr(guard, "decode", lambda *_, **__: pytest.fail("a bomb was decoded"))
    assert refusal(png_bomb(*size)).code == "too_many_pixels"


def test_a_bomb_within_the_pixel_limit_is_refused_by_what_it_unpacks_to(monkeypatch):
    monkeypatch.setattr(guard, "decode", lambda *_, **__: pytest.fail("a bomb was decoded"))
    refused = refusal(png_bomb(7_000, 7_000))
    assert refused.code == "decompression_bomb"
    assert "times its size" in refused.reason


def test_a_jpeg_that_states_a_huge_size_is_refused_before_a_pixel_is_decoded(monkeypatch):
    monkeypatch.setattr(guard, "decode", lambda *_, **__: pytest.fail("a bomb was decoded"))
    content = bytearray(jpeg())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    assert refusal(bytes(content)).code == "too_many_pixels"


def test_a_jpeg_drawn_in_thousands_of_passes_is_refused():
    content = jpeg(progressive=True)
    scan = content.index(b"\xff\xda")
    assert refusal(content[:-2] + content[scan:-2] * 200 + b"\xff\xd9").code == "decompression_bomb"


BOMB = zlib.compress(bytes(200_000_000), 9)


def peak_memory(content: bytes) -> tuple[int, str]:
    """Bytes that Python and zlib held at most, and the refusal's code, if any."""
    code = ""
    tracemalloc.start()
    try:
        inspect_image(content)
    except ImageRefused as refused:
        code = refused.code
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, code


def test_a_bomb_in_a_colour_profile_is_refused_after_a_few_megabytes():
    content = with_chunks(png(), png_chunk(b"iCCP", b"name\x00\x00" + BOMB))
    peak, code = peak_memory(content)
    assert code == "decompression_bomb"
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"Comment\x00\x00" + BOMB),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + BOMB),
    ],
    ids=["zTXt", "iTXt"],
)
def test_a_bomb_in_a_text_is_never_unpacked(chunk):
    peak, code = peak_memory(with_chunks(png(), chunk))
    assert code == ""
    assert peak < 20_000_000


def test_more_bytes_than_the_limit_are_refused_and_not_all_read():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "asked for everything"
            self.taken += size
            return b"\xff" * size

    endless = Endless()
    with pytest.raises(ImageRefused) as caught:
        inspect_image(endless, limits=Limits(max_bytes=5_000_000))
    assert caught.value.code == "too_many_bytes"
    assert "5 MB" in caught.value.reason
    assert endless.taken == 5_000_001


@pytest.mark.parametrize(
    ("size", "code"), [((63, 63), "too_small"), ((2_000, 64), "too_narrow"), ((64, 64), None)]
)
def test_pictures_too_small_or_too_narrow_to_judge_are_refused(size, code):
    content = saved(Image.new("RGB", size, (180, 130, 110)), "PNG")
    if code is None:
        assert inspect_image(content).width == 64
    else:
        assert refusal(content).code == code


def test_the_guard_does_not_work_with_a_decoder_that_takes_cut_files(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(RuntimeError, match="cut files"):
        inspect_image(jpeg())


def test_limits_are_the_callers():
    assert refusal(jpeg(), limits=Limits(max_pixels=10_000)).code == "too_many_pixels"
    assert inspect_image(jpeg(40, 40), limits=Limits(min_side=32)).width == 40


def test_a_format_that_takes_much_memory_may_have_fewer_pixels():
    limits = Limits(max_decode_bytes=160 * 120 * 10)
    assert inspect_image(jpeg(), limits=limits).format == "JPEG"
    refused = refusal(webp(), limits=limits)
    assert refused.code == "too_many_pixels"
    assert "export it as a JPEG" in refused.reason


def test_a_heic_that_lies_about_its_size_is_refused():
    content = bytearray(heic(320, 240))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 160, 120)
    assert refusal(bytes(content)).code == "damaged"


def test_large_pictures_are_decoded_one_at_a_time(monkeypatch):
    running, most = 0, 0
    real = decode._open

    def counted(container):
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.01)
        try:
            return real(container)
        finally:
            running -= 1

    monkeypatch.setattr(decode, "_open", counted)
    monkeypatch.setattr(decode, "LARGE_DECODE_BYTES", 1000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(inspect_image, [jpeg()] * 8))
    assert most == 1


def test_limits_beyond_what_the_decoder_allows_are_a_programming_error():
    with pytest.raises(ValueError, match="max_pixels"):
        Limits(max_pixels=10**9)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (saved(photograph().convert("CMYK"), "JPEG"), "CMYK"),
        (saved(photograph().convert("I;16"), "PNG"), "16 bits"),
        (png_header(100, 100, depth=16) + png_chunk(b"IDAT", b""), "16 bits"),
        (saved(photograph().convert("1"), "PNG"), "1 bit a pixel"),
        (saved(photograph().quantize(4), "PNG"), "2 bits a pixel"),
    ],
    ids=["cmyk", "grey16", "rgb16", "bilevel", "four-colours"],
)
def test_colours_that_are_not_a_photographs_are_refused(content, said):
    refused = refusal(content)
    assert refused.code == "unsupported_colours"
    assert said in refused.reason
    assert "export" in refused.reason


def test_an_inverted_cmyk_jpeg_from_photoshop_is_refused_like_any_other():
    content = with_segments(
        saved(photograph().convert("CMYK"), "JPEG"),
        jpeg_segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x02"),
    )
    assert refusal(content).code == "unsupported_colours"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animated_pictures_are_refused_with_the_way_out(kind):
    frames = [photograph(seed=seed) for seed in (1, 2, 3)]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    refused = refusal(content)
    assert refused.code == "animated"
    assert "single still picture" in refused.reason


def test_a_lossless_or_arithmetic_jpeg_is_refused():
    content = jpeg().replace(b"\xff\xc0", b"\xff\xc9", 1)
    assert refusal(content).code == "unsupported_format"


def test_every_refusal_is_one_plain_sentence():
    for content in (b"", b"MZ", jpeg()[:500], png_bomb(30_000, 30_000), b"hello", png()[:60]):
        reason = refusal(content).reason
        assert re.fullmatch(r"[A-Z].+[.]", reason)
        assert reason.count(". ") == 0


def test_many_threads_get_the_answers_of_one():
    contents = [jpeg(), png(), webp(), heic(), jpeg(640, 480, progressive=True)] * 6
    alone = [inspect_image(content) for content in contents]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(inspect_image, contents)) == alone


def test_what_is_accepted_can_be_decoded_by_anyone():
    for content in (jpeg(), png(), webp(), heic()):
        accepted = inspect_image(content)
        assert decoded(content).size == (accepted.width, accepted.height)
