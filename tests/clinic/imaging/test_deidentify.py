"""What is taken out of a file, and that its pixels are left as they were."""

import re
from hashlib import sha256

import pytest
from PIL import Image, ImageOps

from clinic.imaging import deidentify, inspect_image, prepare_upload
from tests.clinic.imaging.pictures import (
    SECRETS,
    decoded,
    heic,
    icc_profile,
    jpeg,
    jpeg_segment,
    photograph,
    png,
    png_chunk,
    saved,
    telling_exif,
    telling_xmp,
    webp,
    with_chunks,
    with_segments,
)

TRACES = re.compile(
    b"|".join(map(re.escape, SECRETS))
    + rb"|GPS|xmpmeta|xpacket|adobe\.com|2024:05:06|Photoshop|MPF\x00|http://|II\*\x00",
    re.IGNORECASE,
)


def told_jpeg(**options: object) -> bytes:
    """A JPEG that tells everything it can about a person, in every place there is for it."""
    thumbnail = saved(photograph(64, 64, seed=5), "JPEG")
    return with_segments(
        jpeg(exif=telling_exif(), xmp=telling_xmp(), comment=b"Jane Q. Patient", **options),
        jpeg_segment(0xE0, b"JFXX\x00\x10" + thumbnail),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + bytes(40) + telling_xmp()),
        jpeg_segment(0xE2, b"MPF\x00II*\x00" + bytes(40)),
        jpeg_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x0fJane Q. Patient"),
        jpeg_segment(0xE5, b"maker note SERIAL-4711"),
    ) + saved(photograph(64, 64, seed=7), "JPEG", exif=telling_exif())  # fmt: skip


def told_png() -> bytes:
    return with_chunks(
        png(exif=telling_exif()),
        png_chunk(b"tEXt", b"Author\x00Jane Q. Patient"),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + telling_xmp()),
        png_chunk(b"tIME", b"\x07\xe8\x05\x06\x07\x08\x09"),
        png_chunk(b"prVt", b"SERIAL-4711"),
    )


def told_webp(**options: object) -> bytes:
    return webp(exif=telling_exif(), xmp=telling_xmp(), **options)


def told_heic(**options: object) -> bytes:
    return heic(exif=telling_exif(), xmp=telling_xmp(), thumbnails=[64], **options)


TOLD = {
    "jpeg": told_jpeg(),
    "progressive jpeg": told_jpeg(progressive=True),
    "jpeg with restarts": told_jpeg(restart_marker_rows=1),
    "png": told_png(),
    "lossy webp": told_webp(),
    "lossless webp": told_webp(lossless=True),
    "heic": told_heic(),
    "tiled heic": told_heic(tile_size=64),
}
each_kind = pytest.mark.parametrize("content", TOLD.values(), ids=TOLD)


@each_kind
def test_the_test_files_do_tell(content):
    assert TRACES.search(content)
    assert b"Jane Q. Patient" in content


@each_kind
def test_nothing_about_a_person_place_or_device_is_left(content):
    clean = deidentify(content, inspect_image(content))
    assert TRACES.search(clean) is None
    image = decoded(clean)
    assert not dict(image.getexif())
    assert not {"xmp", "comment", "photoshop", "mp"} & {
        key for key in image.info if image.info[key]
    }
    assert not image.info.get("thumbnails")


@pytest.mark.filterwarnings("ignore:.*malformed MPO", "ignore:Corrupt EXIF")  # the loaded original
@each_kind
def test_every_pixel_stays_as_it_was(content):
    clean = deidentify(content, inspect_image(content))
    before, after = decoded(content), decoded(clean)
    assert (before.mode, before.size) == (after.mode, after.size)
    assert before.tobytes() == after.tobytes()


@each_kind
def test_the_same_content_always_gives_the_same_bytes(content):
    accepted = inspect_image(content)
    clean = deidentify(content, accepted)
    assert deidentify(bytes(bytearray(content)), accepted) == clean
    assert deidentify(clean, inspect_image(clean)) == clean


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_without_its_metadata_is_byte_for_byte_the_one_that_never_had_any(options):
    never_told, told = jpeg(**options), told_jpeg(**options)
    assert never_told[never_told.index(b"\xff\xda") :] in told + b"\xff\xd9"
    assert deidentify(told, inspect_image(told)) == never_told


def test_png_and_webp_data_are_copied_byte_for_byte():
    content = told_png()
    at = content.index(b"IDAT")
    assert content[at - 4 : content.index(b"IEND") - 4] in deidentify(
        content, inspect_image(content)
    )
    content = told_webp()
    at = content.index(b"VP8 ")
    length = int.from_bytes(content[at + 4 : at + 8], "little")
    assert content[at : at + 8 + length] in deidentify(content, inspect_image(content))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_a_turned_picture_stays_turned_and_says_nothing_else(make, orientation):
    content = make(exif=telling_exif(orientation))
    clean = deidentify(content, inspect_image(content))

    assert TRACES.search(clean) is None
    assert dict(decoded(clean).getexif()) == ({} if orientation == 1 else {0x0112: orientation})
    seen_before, seen_after = (ImageOps.exif_transpose(decoded(c)) for c in (content, clean))
    assert seen_before.tobytes() == seen_after.tobytes()


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_the_colour_profile_is_kept_whole(make):
    profile = icc_profile("sRGB")
    content = make(icc_profile=profile, exif=telling_exif())
    accepted = inspect_image(content)
    assert accepted.has_icc
    assert decoded(deidentify(content, accepted)).info["icc_profile"] == profile


def test_a_colour_profile_of_many_segments_is_kept_whole():
    profile = bytearray(icc_profile("sRGB") + bytes(150_000))
    profile[:4] = len(profile).to_bytes(4, "big")
    content = jpeg(icc_profile=bytes(profile))
    assert content.count(b"ICC_PROFILE\x00") == 3
    clean = deidentify(content, inspect_image(content))
    assert decoded(clean).info["icc_profile"] == profile


def test_what_only_calls_itself_a_colour_profile_is_left_out():
    for content in (
        jpeg(icc_profile=b"Jane Q. Patient" * 20),
        png(icc_profile=b"Jane Q. Patient" * 20),
        webp(icc_profile=b"Jane Q. Patient" * 20),
    ):
        accepted = inspect_image(content)
        assert not accepted.has_icc
        assert b"Jane" not in deidentify(content, accepted)
        assert "icc_profile" not in decoded(deidentify(content, accepted)).info


def test_the_free_name_of_a_png_colour_profile_is_replaced():
    plain = png(icc_profile=icc_profile("sRGB"))
    named = plain.replace(b"ICC Profile\x00", b"Jane Q. Pat\x00")
    at = named.index(b"iCCP")
    length = int.from_bytes(named[at - 4 : at], "big")
    whole = png_chunk(b"iCCP", named[at + 4 : at + 4 + length])
    named = named[: at - 4] + whole + named[at + 8 + length :]
    assert b"Jane" not in deidentify(named, inspect_image(named))
    assert prepare_upload(named).sha256 == prepare_upload(plain).sha256


def test_the_thumbnail_inside_a_jfif_header_is_left_out():
    content = jpeg()
    at = content.index(b"JFIF\x00") - 4
    with_thumbnail = jpeg_segment(0xE0, content[at + 4 : at + 16] + b"\x02\x02" + b"SERIAL-4711#")
    content = content[:at] + with_thumbnail + content[at + 18 :]
    clean = deidentify(content, inspect_image(content))
    assert b"SERIAL" not in clean
    assert clean == jpeg()


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_the_same_picture_with_other_metadata_is_the_same_stored_file(make):
    plain, told = prepare_upload(make()), prepare_upload(make(exif=telling_exif()))
    assert plain.sha256 == told.sha256 == sha256(plain.content).hexdigest()
    assert plain.accepted.sha256 != told.accepted.sha256


def test_other_pixels_are_another_stored_file():
    assert prepare_upload(jpeg()).sha256 != prepare_upload(jpeg(quality=89)).sha256


def test_a_transparent_webp_stays_transparent():
    image = photograph().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    content = saved(image, "WEBP", quality=80, exif=telling_exif())
    clean = deidentify(content, inspect_image(content))
    assert TRACES.search(clean) is None
    assert decoded(clean).tobytes() == decoded(content).tobytes()
    assert decoded(clean).mode == "RGBA"


def test_nothing_in_a_heic_still_points_at_what_was_blanked():
    clean = prepare_upload(told_heic()).content
    for kind in (b"Exif", b"thmb", b"cdsc", b"mime", b"rdf+xml"):
        assert kind not in clean


def test_a_property_of_a_heic_that_no_decoder_needs_is_blanked():
    content = heic()
    at = content.index(b"pixi")
    end = at - 4 + int.from_bytes(content[at - 4 : at], "big")
    described = content[:at] + b"udes" + b"DrHouse!!"[: end - at - 4] + content[end:]
    assert b"DrHouse" in described
    clean = prepare_upload(described).content
    assert b"DrHouse" not in clean
    assert b"udes" not in clean
    assert decoded(clean).tobytes() == decoded(content).tobytes()


def test_a_film_in_a_heic_box_of_its_own_is_cut_off():
    film = b"\x00\x00\x40\x08mpvd" + b"Jane Q. Patient" + bytes(0x4000 - 15)
    assert prepare_upload(heic() + film).content == prepare_upload(heic()).content


def test_another_files_acceptance_does_not_open_the_door():
    with pytest.raises(ValueError, match="accepted as JPEG"):
        deidentify(png(), inspect_image(jpeg()))
