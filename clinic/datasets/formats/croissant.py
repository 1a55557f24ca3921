"""Croissant 1.0: a JSON-LD that says what the table and the images are.

Source: the Croissant format specification 1.0 (MLCommons), read by `mlcroissant`.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from clinic.datasets.formats.card import card, licence
from clinic.datasets.formats.columns import COLUMNS
from clinic.datasets.formats.streams import csv_pieces
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat, in_images
from clinic.datasets.manifest import SUFFIXES, ManifestRow

TABLE = "images.csv"
NAME = "croissant.json"
ABOUT = """\
`croissant.json` (Croissant 1.0) describes `images.csv`, which has all columns below and the file
name, and the images in `images/`.
"""
KINDS = {
    "integer": "sc:Integer",
    "number": "sc:Float",
    "truth": "sc:Boolean",
    "text": "sc:Text",
}
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card, the description and the table that it describes."""
    return [
        card(version, about=ABOUT),
        ExportFile(NAME, "application/ld+json", partial(_pieces, version)),
        ExportFile(TABLE, "text/csv", partial(table_pieces, version)),
    ]


def table_pieces(version: FrozenVersion) -> Iterator[bytes]:
    """All columns of all rows, and the file's name first."""
    columns = ("filename", *(column.name for column in COLUMNS))
    return csv_pieces(columns, map(_table_row, version.kept()))


def _table_row(row: ManifestRow) -> tuple[Any, ...]:
    return (row.filename, *row)


def _pieces(version: FrozenVersion) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for piece in table_pieces(version):
        digest.update(piece)
        size += len(piece)
    document = describe(version, sha256=digest.hexdigest(), size=size)
    yield json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def describe(version: FrozenVersion, *, sha256: str, size: int) -> dict[str, Any]:
    """The JSON-LD; `sha256` (hexadecimal) and `size` (bytes) are the table's."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": version.title,
        "description": "Images of skin lesions, de-identified, with one class each.",
        "license": licence(version),
        "url": f"urn:sha256:{version.digest}",
        "version": f"{version.number}.0.0",
        "datePublished": version.frozen_on,
        "creator": {"@type": "sc:Organization", "name": "The organisations whose data it is"},
        "citeAs": f"{version.title}, SHA-256 {version.digest}",
        "isLiveDataset": False,
        "distribution": [_table(sha256, size), _images()],
        "recordSet": [_rows(), _pictures()],
    }


def _table(sha256: str, size: int) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": TABLE,
        "name": TABLE,
        "contentUrl": TABLE,
        "contentSize": f"{size} B",
        "encodingFormat": "text/csv",
        "sha256": sha256,
    }


def _images() -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "image-files",
        "name": "image-files",
        "encodingFormat": sorted(SUFFIXES),
        "includes": "images/*",
    }


def _rows() -> dict[str, Any]:
    names = [("filename", "text", "Name of the image's file in images/")]
    names += [(column.name, column.kind, column.meaning) for column in COLUMNS]
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"rows/{name}",
            "name": name,
            "description": meaning,
            "dataType": KINDS[kind],
            "source": {"fileObject": {"@id": TABLE}, "extract": {"column": name}},
        }
        for name, kind, meaning in names
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "description": "One row an image.",
        "key": {"@id": "rows/image"},
        "field": fields,
    }


def _pictures() -> dict[str, Any]:
    """The pictures by file name, apart from the rows, so that rows are read without decoding."""
    properties = (("filename", "sc:Text", "filename"), ("picture", "sc:ImageObject", "content"))
    return {
        "@type": "cr:RecordSet",
        "@id": "pictures",
        "name": "pictures",
        "description": "The picture of each row.",
        "key": {"@id": "pictures/filename"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"pictures/{name}",
                "name": name,
                "dataType": kind,
                "source": {"fileSet": {"@id": "image-files"}, "extract": {"fileProperty": wanted}},
            }
            for name, kind, wanted in properties
        ],
    }


CROISSANT = ExportFormat(
    key="croissant",
    name="Croissant",
    description="A table that Croissant 1.0 describes, with the images.",
    documents=documents,
    image_path=in_images,
    has_images=True,
)
