"""What a single upload may ask of the server."""

import io
import struct
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageFile

from clinic.imaging import ImageRefused, Limits, decode, guard, inspect_image
from tests.clinic.imaging.pictures import (
    heic,
    jpeg,
    png,
    png_bomb,
    png_chunk,
    saved,
    webp,
    with_chunks,
)
from tests.clinic.imaging.refusals import refusal


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


def test_a_large_jpeg_is_never_held_at_its_full_size(monkeypatch):
    container = guard.read_container(jpeg(1600, 1200), Limits())
    monkeypatch.setattr(Image.Image, "reduce", lambda *_: pytest.fail("decoded in full first"))
    result = decode.decode(container, at_least=300)
    assert result.size == (1600, 1200)
    assert result.picture.size == (400, 300)


def test_limits_beyond_what_the_decoder_allows_are_a_programming_error():
    with pytest.raises(ValueError, match="max_pixels"):
        Limits(max_pixels=10**9)
