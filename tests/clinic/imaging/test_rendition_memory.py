"""What making a rendition takes of a worker's memory, measured by the kernel.

Each picture in a process of its own: the highest mark of resident memory (`VmHWM`) never falls.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from clinic.imaging import DEFAULT_LIMITS
from clinic.imaging.limits import DECODE_BYTES_A_PIXEL
from tests.clinic.imaging.pictures import photograph

MEASURE = """
import sys
from clinic.imaging import make_rendition
from tests.clinic.imaging.pictures import heic, jpeg, png, webp
for warm_up in (heic(), jpeg(), png(), webp()):
    make_rendition(warm_up)
content = open(sys.argv[1], "rb").read()

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

open("/proc/self/clear_refs", "w").write("5")  # the mark begins anew
before = peak()
rendition = make_rendition(content)
print(peak() - before, len(rendition))
"""
OVERHEAD = 64 * 1024 * 1024
"""The container reader's copy of the file, the picture at screen size, what glibc keeps."""


def taken_by(path: Path) -> int:
    """Bytes of memory beyond the file that `make_rendition` needs at its peak."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[0])


def large(width: int, height: int) -> Image.Image:
    return photograph(width // 4, height // 4).resize((width, height), Image.Resampling.BILINEAR)


TWELVE_MEGAPIXELS = (4000, 3000)
LARGEST = (8944, 6708)  # 59,996,352 px
LARGEST_WEBP = (6688, 5016)  # 33,547,008 px: WebP takes twice the memory a pixel


@pytest.mark.parametrize(
    ("kind", "size", "options", "bound"),
    [
        ("JPEG", TWELVE_MEGAPIXELS, {}, OVERHEAD),
        (
            "JPEG",
            TWELVE_MEGAPIXELS,
            {"progressive": True},
            12_000_000 * DECODE_BYTES_A_PIXEL["JPEG"] + OVERHEAD,
        ),
        ("PNG", TWELVE_MEGAPIXELS, {"compress_level": 1}, 12_000_000 * 5 + OVERHEAD),
        ("JPEG", LARGEST, {}, OVERHEAD),
        ("JPEG", LARGEST, {"progressive": True}, DEFAULT_LIMITS.max_decode_bytes),
        ("PNG", LARGEST, {"compress_level": 1}, DEFAULT_LIMITS.max_decode_bytes),
        ("WEBP", LARGEST_WEBP, {"method": 0}, DEFAULT_LIMITS.max_decode_bytes + OVERHEAD),
    ],
    ids=[
        "12 MP JPEG",
        "12 MP progressive JPEG",
        "12 MP PNG",
        "largest JPEG",
        "largest progressive JPEG",
        "largest PNG",
        "largest WebP",
    ],
)
def test_a_rendition_takes_no_more_memory_than_the_guard_reckoned_with(
    kind: str, size: tuple[int, int], options: dict[str, object], bound: int, tmp_path: Path
) -> None:
    path = tmp_path / "picture"
    large(*size).save(path, kind, quality=88, **options)
    assert path.stat().st_size < DEFAULT_LIMITS.max_bytes
    taken = taken_by(path)
    assert taken < bound, f"{taken / 2**20:.0f} MiB"


def test_a_phones_heic_takes_no_more_either(tmp_path: Path) -> None:
    from pillow_heif import from_pillow

    path = tmp_path / "picture"
    width, height = TWELVE_MEGAPIXELS
    from_pillow(large(width, height)).save(path, quality=50)
    taken = taken_by(path)
    assert taken < width * height * DECODE_BYTES_A_PIXEL["HEIC"] + OVERHEAD, f"{taken / 2**20} MiB"
