"""What is not let in, and with which sentence."""

import re
import zlib

import pytest

from tests.clinic.imaging.pictures import (
    heic,
    jpeg,
    jpeg_segment,
    photograph,
    png,
    png_bomb,
    png_chunk,
    png_header,
    saved,
    webp,
    with_segments,
)
from tests.clinic.imaging.refusals import refusal


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
