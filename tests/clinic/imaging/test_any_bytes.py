"""Whatever the bytes, the answer is a picture or a refusal: never another exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.imaging import ImageRefused, PreparedImage, inspect_image, prepare_upload
from tests.clinic.imaging.pictures import (
    heic,
    jpeg,
    photograph,
    png,
    profile_with_red_and_blue_exchanged,
    saved,
    telling_exif,
    telling_xmp,
    webp,
)

_LOADED = {"exif": telling_exif(6), "icc_profile": profile_with_red_and_blue_exchanged()}
WHOLE = {
    "jpeg": jpeg(96, 80, xmp=telling_xmp(), comment=b"hello", **_LOADED),
    "progressive": jpeg(96, 80, progressive=True),
    "png": png(96, 80, **_LOADED),
    "palette": saved(photograph(96, 80).quantize(64), "PNG", transparency=bytes(range(64))),
    "webp": webp(96, 80, xmp=telling_xmp(), **_LOADED),
    "lossless": webp(96, 80, lossless=True),
    "heic": heic(96, 80, exif=telling_exif(6), xmp=telling_xmp(), thumbnails=[64]),
}


def answer(content: bytes) -> PreparedImage | None:
    try:
        return prepare_upload(content)
    except ImageRefused:
        return None


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file after a few accidents; most of them near its start, where the structure is."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        near = draw(st.booleans())
        last = max(1, min(len(content), 800 if near else len(content)) - 1)
        at = draw(st.integers(0, last))
        accident = draw(st.sampled_from(["set", "cut", "drop", "repeat", "insert", "number"]))
        if accident == "set":
            content[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif accident == "cut":
            del content[at + 1 :]
        elif accident == "drop":
            del content[at : at + draw(st.integers(1, 64))]
        elif accident == "repeat":
            content[at:at] = content[at : at + draw(st.integers(1, 200))]
        elif accident == "insert":
            content[at:at] = draw(st.binary(min_size=1, max_size=16))
        else:  # where lengths, sizes and offsets break
            content[at : at + 4] = draw(
                st.sampled_from(
                    [b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\x00\x00\x00\x01"]
                )
            )
    return bytes(content)


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_a_damaged_file_is_a_picture_or_a_refusal(whole):
    assert answer(whole) is not None

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(damaged(whole))
    def whatever_the_damage(content: bytes) -> None:
        prepared = answer(content)
        if prepared is not None:
            # What was let in once is let in again, as the same picture.
            again = inspect_image(prepared.content)
            assert (again.width, again.height) == (
                prepared.accepted.width,
                prepared.accepted.height,
            )

    whatever_the_damage()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_random_bytes_are_refused(content):
    assert answer(content) is None


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\xff\x00\x00\x00WEBP",
            b"\x00\x00\x00\x18ftypheic",
        ]
    ),
    st.binary(max_size=500),
)
def test_random_bytes_behind_a_real_beginning_are_refused(start, rest):
    assert answer(start + rest) is None
