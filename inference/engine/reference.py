"""What a model learned from, as histograms: what later images are compared with.

``configs/reference.json`` of a package; only the standard library, so a web process can read it.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.engine.fields import Fields, PackageError, refuse_unstorable

FORMAT_VERSION = 1
BINS = 10
MOST_BINS = 50
# Of each network input, in the order in which they are shown; see ``image_statistics``.
IMAGE_MEASURES = ("brightness", "contrast", "hue", "saturation", "sharpness", "dark_border")
MOST_DIRECTIONS = 8
LARGEST = 1e9


@dataclass(frozen=True)
class Histogram:
    """How often a value fell between fixed edges.

    Bin ``i`` holds values from ``edges[i - 1]`` up to, not including, ``edges[i]``; the first and
    the last are open, so there is one count more than edges.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many values were counted."""
        return sum(self.counts)

    @classmethod
    def of(cls, values: Iterable[float], *, bins: int = BINS) -> "Histogram":
        """Bins of about equally many values; fewer where values repeat, such as a share of 0.

        Where almost all are the same smallest one, that is one bin and whatever is more another.
        """
        ordered = sorted(values)
        if not ordered:
            return cls((), (0,))
        cuts = [ordered[len(ordered) * index // bins] for index in range(1, bins)]
        # An edge at the smallest value would leave the first bin empty.
        edges = sorted({cut for cut in cuts if cut > ordered[0]})
        if not edges:
            edges = [value for value in ordered if value > ordered[0]][:1]
        counts = [0] * (len(edges) + 1)
        for value in ordered:
            counts[bisect_right(edges, value)] += 1
        return cls(tuple(edges), tuple(counts))

    def as_json(self) -> dict[str, Any]:
        """As the file has it."""
        return {"edges": list(self.edges), "counts": list(self.counts)}


@dataclass(frozen=True)
class Reference:
    """``images`` of ``source`` as the model sees and answers them.

    ``directions`` (K, F) are what an answer's features of length 1 are projected on, and
    ``features`` the histograms of the K projections; ``called`` counts the classes called, by code.
    """

    images: int
    source: str
    image_statistics: Mapping[str, Histogram]
    directions: tuple[tuple[float, ...], ...]
    features: tuple[Histogram, ...]
    called: Mapping[str, int]
    malignancy: Histogram
    mean_malignancy: float

    def as_json(self, *, directions: bool = True) -> dict[str, Any]:
        """The document; without the directions where nothing is projected any more."""
        document: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "images": self.images,
            "source": self.source,
            "image_statistics": {
                name: histogram.as_json() for name, histogram in self.image_statistics.items()
            },
            "features": [histogram.as_json() for histogram in self.features],
            "called": dict(self.called),
            "malignancy": self.malignancy.as_json(),
            "mean_malignancy": self.mean_malignancy,
        }
        if directions:
            document["directions"] = [list(direction) for direction in self.directions]
        return document


def parse_reference(content: bytes) -> Reference:
    """Check and read reference.json. Raises PackageError with the field that is wrong."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PackageError("The package's configs/reference.json is not valid JSON.") from error
    refuse_unstorable(document, "reference")
    return read_reference(document)


def read_reference(document: object) -> Reference:
    """The same of a document that is parsed. Raises PackageError."""
    fields = Fields(document, "reference.json")
    if fields.whole("format_version", 0, 10**6) != FORMAT_VERSION:
        raise PackageError(f"The reference's format_version is not {FORMAT_VERSION}.")
    measures = fields.nested("image_statistics")
    features = tuple(map(_histogram, fields.nested_list("features")))
    return Reference(
        images=fields.whole("images", 1, 10**9),
        source=fields.text("source", longest=300),
        image_statistics={
            name: _histogram(measures.nested(name)) for name in IMAGE_MEASURES if name in measures
        },
        directions=_directions(fields, len(features)),
        features=features,
        called=_called(fields.nested("called")),
        malignancy=_histogram(fields.nested("malignancy")),
        mean_malignancy=fields.number("mean_malignancy", 0, 1),
    )


def _histogram(fields: Fields) -> Histogram:
    values = fields.raw()
    edges, counts = _list(values, "edges"), _list(values, "counts")
    if not 1 <= len(counts) <= MOST_BINS or len(edges) != len(counts) - 1:
        raise PackageError(
            "A histogram of the package's reference needs one count more than edges."
        )
    histogram = Histogram(
        fields.numbers("edges", len(edges), -LARGEST, LARGEST),
        tuple(int(count) for count in fields.numbers("counts", len(counts), 0, LARGEST)),
    )
    if any(low >= high for low, high in zip(histogram.edges, histogram.edges[1:], strict=False)):
        raise PackageError("The edges of a histogram of the package's reference do not rise.")
    if not histogram.n:
        raise PackageError("A histogram of the package's reference is empty.")
    return histogram


def _directions(fields: Fields, count: int) -> tuple[tuple[float, ...], ...]:
    rows = _list(fields.raw(), "directions") if "directions" in fields else []
    if count > MOST_DIRECTIONS or (rows and len(rows) != count):
        raise PackageError(
            "The package's reference needs one direction for each feature histogram."
        )
    directions = tuple(_direction(row) for row in rows)
    if len({len(direction) for direction in directions}) > 1:
        raise PackageError("The directions of the package's reference are not of one length.")
    return directions


def _direction(row: object) -> tuple[float, ...]:
    length = len(row) if isinstance(row, list) else 0
    if not 1 <= length <= 4096:
        raise PackageError("A direction of the package's reference is not a list of numbers.")
    return Fields({"direction": row}, "reference.json").numbers("direction", length, -1, 1)


def _called(fields: Fields) -> dict[str, int]:
    codes: Sequence[str] = sorted(fields.raw())
    if not 1 <= len(codes) <= 64:
        raise PackageError("The package's reference must count the classes called.")
    return {code: fields.whole(code, 0, 10**9) for code in codes}


def _list(values: Mapping[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    if not isinstance(value, list):
        raise PackageError(f"In the package's reference, {key} must be a list.")
    return value
