"""A zip of masks."""

from collections.abc import Mapping, Sequence
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from clinic.annotation.masks import mask_name, mask_png
from clinic.annotation.raster import Point
from clinic.annotation.vocabulary import LABELS


def write_masks(
    file: IO[bytes],
    outlines: Mapping[str, Sequence[Sequence[Point]]],
    *,
    stem: str,
    width: int,
    height: int,
) -> None:
    """One PNG for each label that has outlines, in the order of the vocabulary.

    The same regions make the same bytes: nothing of the clock is in the file.
    """
    with ZipFile(file, "w", compression=ZIP_STORED) as archive:
        for label in LABELS:
            if not outlines.get(label.code):
                continue
            # Not compressed again: a PNG is.
            entry = ZipInfo(mask_name(stem=stem, label=label.code))
            with archive.open(entry, "w") as member:
                for piece in mask_png(outlines[label.code], width=width, height=height):
                    member.write(piece)
