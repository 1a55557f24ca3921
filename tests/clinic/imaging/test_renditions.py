"""Pictures for screens: small, upright, in the screen's colours, telling nothing."""

import io

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from clinic.imaging import ImageRefused, make_rendition, make_thumbnail, prepare_upload
from tests.clinic.imaging.pictures import (
    decoded,
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


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures in grey levels."""
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(stat.mean)


@pytest.mark.parametrize(
    ("make", "size"),
    [(jpeg, (1280, 960)), (png, (800, 600)), (webp, (800, 600)), (heic, (400, 300))],
)
def test_a_thumbnail_shows_the_same_picture_small(make, size):
    content = make(*size)
    thumbnail = decoded(make_thumbnail(content))
    assert thumbnail.format == "WEBP"
    assert thumbnail.size == (320, 240)
    assert difference(thumbnail, decoded(content).resize((320, 240), Image.Resampling.BOX)) < 4


def test_a_rendition_fits_a_screen():
    content = jpeg(2400, 1800)
    assert decoded(make_rendition(content)).size == (1600, 1200)
    assert decoded(make_rendition(content, longest=1000)).size == (1000, 750)


def test_a_small_picture_is_not_made_larger():
    assert decoded(make_thumbnail(jpeg(160, 120))).size == (160, 120)


@pytest.mark.parametrize("size", [(640, 64), (64, 640), (6400, 640), (321, 320)])
def test_long_and_odd_pictures_keep_their_shape(size):
    width, height = decoded(make_thumbnail(saved(photograph(*size), "JPEG"))).size
    assert max(width, height) == min(320, max(size))
    assert width / height == pytest.approx(size[0] / size[1], rel=0.02)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_upright(orientation):
    content = jpeg(640, 480, exif=telling_exif(orientation))
    thumbnail = decoded(make_thumbnail(content))
    upright = ImageOps.exif_transpose(decoded(content))
    assert difference(thumbnail, upright.resize(thumbnail.size, Image.Resampling.BOX)) < 4
    assert not dict(thumbnail.getexif())


def test_no_metadata_is_in_a_rendition():
    content = jpeg(640, 480, exif=telling_exif(6), xmp=telling_xmp(), comment=b"Jane Q. Patient")
    for made in (make_thumbnail(content), make_rendition(content)):
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(decoded(made).info)
        assert b"Jane" not in made


def test_a_profile_is_turned_into_the_screens_colours():
    swapped = profile_with_red_and_blue_exchanged()
    image = photograph(400, 300)
    exchanged = Image.merge("RGB", image.split()[::-1])
    content = saved(exchanged, "PNG", icc_profile=swapped)
    assert difference(decoded(make_thumbnail(content)), image.resize((320, 240))) < 6


def test_a_profile_that_does_not_fit_is_left_aside():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    content = saved(photograph(400, 300), "PNG", icc_profile=lab)
    expected = photograph(400, 300).resize((320, 240))
    assert difference(decoded(make_thumbnail(content)), expected) < 6


def test_transparency_is_shown_on_white():
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert decoded(make_thumbnail(saved(clear, "PNG"))).getpixel((50, 50)) == (255, 255, 255)


def test_what_is_no_picture_gives_no_thumbnail():
    with pytest.raises(ImageRefused):
        make_thumbnail(b"MZ not a picture")


def test_an_upload_prepared_at_once_has_the_thumbnail_made_alone():
    for content in (jpeg(640, 480), jpeg(640, 480, exif=telling_exif(8)), png(640, 480)):
        prepared = prepare_upload(io.BytesIO(content))
        assert prepared.thumbnail_media_type == "image/webp"
        alone, together = decoded(make_thumbnail(prepared.content)), decoded(prepared.thumbnail)
        assert alone.size == together.size
        assert difference(alone, together) < 4
