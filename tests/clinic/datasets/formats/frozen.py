"""A small frozen version with real pictures and drawn regions, and its exports on disk."""

import hashlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image

from clinic.annotation.region import read_target
from clinic.datasets.formats import DrawnRegion, ExportFormat, FrozenVersion, steps
from clinic.datasets.manifest import SUFFIXES, ManifestRow, Tombstone, manifest_digest

FORMAT_NAMES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
}
WIDTH, HEIGHT = 60, 40
HEADER = {
    "name": "Moles of the north", "version": 3, "seed": 7, "description": {"consent": "sharing"},
}  # fmt: skip
ISIC2019 = {
    "mel": "MEL", "nv": "NV", "bcc": "BCC", "akiec": "AK", "bkl": "BKL", "df": "DF",
    "vasc": "VASC", "squamous-cell-carcinoma": "SCC",
}  # fmt: skip
CLASSES = (
    ("mel", "melanoma-in-situ", "malignant"),
    ("nv", "dysplastic-nevus", "indeterminate"),
    ("akiec", "bowen-disease", "malignant"),
    ("squamous-cell-carcinoma", "squamous-cell-carcinoma", "malignant"),
    ("other-benign", "other-benign", "benign"),
)


def picture(media_type: str, *, seed: int = 0) -> bytes:
    """A picture of WIDTH x HEIGHT px in this format."""
    pillow_heif.register_heif_opener()
    file = BytesIO()
    image = Image.new("RGB", (WIDTH, HEIGHT), (200, 150 + seed % 50, 130))
    image.save(file, FORMAT_NAMES[media_type])
    return file.getvalue()


def make_row(number: int = 1, **values: Any) -> ManifestRow:
    """A row; what is not said follows from its number, so that rows differ in everything."""
    media_type = values.get("media_type", tuple(SUFFIXES)[number % 4])
    content = picture(media_type, seed=number)
    label, diagnosis, malignancy = CLASSES[number % len(CLASSES)]
    given: dict[str, Any] = {
        "number": number,
        "image": hashlib.sha256(f"image {number}".encode()).hexdigest()[:20],
        "sha256": hashlib.sha256(content).hexdigest(),
        "width": WIDTH,
        "height": HEIGHT,
        "media_type": media_type,
        "size_bytes": len(content),
        "organisation": "0f" * 10,
        "patient": hashlib.sha256(f"patient {number // 2}".encode()).hexdigest()[:20],
        "lesion": hashlib.sha256(f"lesion {number}".encode()).hexdigest()[:20],
        "visit": hashlib.sha256(f"visit {number}".encode()).hexdigest()[:20],
        "label": label,
        "diagnosis": diagnosis,
        "malignancy": malignancy,
        "label_source": ("pathology", "adjudication", "concordant", "single")[number % 4],
        "confirmation": "histo" if number % 4 == 0 else "",
        "readers": 1 + number % 2,
        "agreement": (1.0, 0.5)[number % 2],
        "model_shown": bool(number % 3),
        "sex": ("female", "male", "other", "unknown")[number % 4],
        "age": None if number % 5 == 0 else 5 * (number % 18),
        "body_site": ("back", "palm_sole", "oral", "unknown", "lower_leg")[number % 5],
        "skin_type": None if number % 7 == 0 else number % 6 + 1,
        "image_kind": ("dermoscopic", "close_up", "overview")[number % 3],
        "split": ("train", "train", "validation", "test")[(number // 2) % 4],
        "consent": "training" if number % 6 == 0 else "sharing",
    }
    return ManifestRow(**(given | values))


def region_on(row: ManifestRow, *, label: str, selector: dict[str, str]) -> DrawnRegion:
    """The region of a selector, as the record would keep it."""
    drawn = read_target({"selector": selector}, width=row.width, height=row.height)
    name = f"{row.image} {label} {selector['value']}"
    key = hashlib.sha256(name.encode()).hexdigest()[:20]
    return DrawnRegion(
        key=key, image=row.image, reader="ab" * 10, label=label,
        selector=drawn.selector, points=drawn.points,
    )  # fmt: skip


def svg(shape: str) -> dict[str, str]:
    """The selector of one SVG shape."""
    return {"type": "SvgSelector", "value": f"<svg>{shape}</svg>"}


def fragment(x: float, y: float, width: float, height: float) -> dict[str, str]:
    """The selector of a rectangle."""
    return {"type": "FragmentSelector", "value": f"xywh=pixel:{x},{y},{width},{height}"}


POLYGON = svg('<polygon points="5,5 50,8 40,35 10,30" />')
CROSSING = svg('<polygon points="5,5 45,35 45,5 5,35" />')
ELLIPSE = svg('<ellipse cx="30" cy="20" rx="20" ry="12" />')


def regions_of_some(rows: Sequence[ManifestRow]) -> Iterator[DrawnRegion]:
    """Every image but each third has four regions."""
    for row in reversed(rows):  # the order that it comes in must not matter
        if row.number % 3:
            yield region_on(row, label="lesion_border", selector=ELLIPSE)
            yield region_on(row, label="globules", selector=fragment(3, 4, 10, 20))
            yield region_on(row, label="globules", selector=POLYGON)
            yield region_on(row, label="other", selector=CROSSING)


def frozen(given: Sequence[ManifestRow | Tombstone] | None = None, **values: Any) -> FrozenVersion:
    """A version of these rows, or of twelve of which two were withdrawn."""
    rows = twelve_rows() if given is None else given
    kept = [row for row in rows if isinstance(row, ManifestRow)]
    defaults: dict[str, Any] = {
        "name": "Moles of the north", "number": 3, "digest": manifest_digest(HEADER, kept),
        "split_digest": "5" * 64, "seed": 7, "frozen_on": "2026-03-01", "header": HEADER,
        "rows": lambda: iter(rows), "regions": regions_of_some, "isic2019": ISIC2019,
        "class_names": {"mel": "Melanoma"},
    }  # fmt: skip
    return FrozenVersion(**(defaults | values))


def twelve_rows() -> list[ManifestRow | Tombstone]:
    """All media types, all splits; the rows 3 and 8 are tombstones."""
    return [
        Tombstone(number, "2026-05-04") if number in {3, 8} else make_row(number)
        for number in range(1, 13)
    ]


def content_of(form: ExportFormat, version: FrozenVersion, path: str) -> bytes:
    """One document of an export."""
    [file] = [file for file in form.documents(version) if file.path == path]
    return b"".join(file.pieces())


def write_export(form: ExportFormat, version: FrozenVersion, folder: Path) -> set[str]:
    """Everything on disk, as a job would; its paths."""
    files: dict[str, bytes] = {}
    for file in form.documents(version):
        files[file.path] = b"".join(file.pieces())
    for step in steps(version, form):
        for path, row in step.images:
            files[path] = picture(row.media_type, seed=row.number)
        for file in step.files:
            files[file.path] = b"".join(file.pieces())
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return set(files)
