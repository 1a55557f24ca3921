"""Picture files made for a test: whole ones, and the parts to build broken or loaded ones from."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, ImageDraw, ImageFilter

SECRETS = (b"Jane Q. Patient", b"SERIAL-4711", b"ACME Dermatoscope", b"EditedByDrHouse")
CAPTURED = "2024:05:06 07:08:09"
TIFF_GPS = 0x8825


def photograph(width: int = 160, height: int = 120, *, seed: int = 1) -> Image.Image:
    """A sharp, evenly lit, skin-coloured picture with a dark spot: nothing to find fault with."""
    rng = random.Random(seed)
    noise = Image.frombytes(
        "L", (width // 2, height // 2), rng.randbytes(width // 2 * (height // 2))
    )
    grain = noise.resize((width, height), Image.Resampling.BILINEAR)
    skin = Image.merge(
        "RGB", [grain.point(lambda v, b=base: b + v // 6) for base in (190, 140, 110)]
    )
    draw = ImageDraw.Draw(skin)
    draw.ellipse((width * 0.3, height * 0.3, width * 0.6, height * 0.7), fill=(96, 60, 48))
    draw.rectangle((2, 2, width // 8, height // 8), fill=(20, 60, 200))  # tells up from down
    return Image.blend(skin, skin.filter(ImageFilter.SHARPEN), 0.5)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file Pillow writes for an image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(width: int = 160, height: int = 120, **options: Any) -> bytes:
    return saved(photograph(width, height), "JPEG", **{"quality": 90, **options})


def png(width: int = 160, height: int = 120, **options: Any) -> bytes:
    return saved(photograph(width, height), "PNG", **options)


def webp(width: int = 160, height: int = 120, **options: Any) -> bytes:
    return saved(photograph(width, height), "WEBP", **{"quality": 80, **options})


def heic(width: int = 160, height: int = 128, **options: Any) -> bytes:
    from pillow_heif import from_pillow

    buffer = io.BytesIO()
    from_pillow(photograph(width, height)).save(buffer, **options)
    return buffer.getvalue()


def decoded(content: bytes) -> Image.Image:
    """The pixels of a file, as any viewer would decode them."""
    if content[4:8] == b"ftyp":
        from pillow_heif import open_heif

        return open_heif(content, convert_hdr_to_8bit=True).to_pillow()
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def telling_exif(orientation: int = 1) -> bytes:
    """An EXIF block that says who, where, when and with what."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "ACME Dermatoscope"
    exif[0x013B] = "Jane Q. Patient"
    inner = exif.get_ifd(0x8769)
    inner[0x9003] = CAPTURED
    inner[0xA431] = "SERIAL-4711"
    gps = exif.get_ifd(TIFF_GPS)
    gps[1], gps[2] = "N", (48.0, 12.0, 30.0)
    gps[3], gps[4] = "E", (16.0, 22.0, 5.0)
    return exif.tobytes()


def telling_xmp() -> bytes:
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b"<rdf:RDF>EditedByDrHouse Jane Q. Patient</rdf:RDF></x:xmpmeta>"
    )


def icc_profile(name: str = "XYZ") -> bytes:
    """A small profile; `LAB` and `XYZ` are not meant for pictures, `sRGB` is."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def profile_with_red_and_blue_exchanged() -> bytes:
    """sRGB whose red and blue primaries have changed places: a profile one can see at work."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {}
    for index in range(int.from_bytes(profile[128:132], "big")):
        at = 132 + 12 * index
        table[bytes(profile[at : at + 4])] = at
    red, blue = table[b"rXYZ"], table[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    # The description says sRGB, which would be taken at its word.
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "BGRs".encode("utf-16-be"))


def jpeg_segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segments(content: bytes, *segments: bytes) -> bytes:
    """A JPEG with more segments right behind its start."""
    return content[:2] + b"".join(segments) + content[2:]


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(content: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks right behind its header chunk."""
    return content[:33] + b"".join(chunks) + content[33:]


def png_header(width: int, height: int, *, depth: int = 8, colour: int = 2) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    )


def png_bomb(width: int, height: int) -> bytes:
    """A few kilobytes that state a huge picture and, as far as they go, really hold it."""
    packed = zlib.compress(bytes(3_000_000), 9)
    return png_header(width, height) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def a_zip_archive() -> bytes:
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("payload.sh", "rm -rf /")
    return buffer.getvalue()
