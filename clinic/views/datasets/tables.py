"""What a data set holds, as tables from which the plots are drawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from clinic.dataset_words import SOURCES, SPLITS, ClassName
from clinic.datasets.description import SPLITS as SPLIT_ORDER
from clinic.datasets.description import LabelSource
from clinic.models import BodySite, ConfirmationMethod, ImageKind, Sex
from clinic.selectors.datasets import LEFT_OUT_REASONS
from clinic.statistics.quartiles import Quartiles, quartiles
from clinic.views.datasets.contents import Contents, Counts

NOT_KNOWN = "Not known"
STEP_OF_AGES = 5
BY_PATIENT = "Drawn by patient: all images of a patient are in one part."
AGES = "When the picture was taken, in steps of five years; 85 stands for 85 and above."
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
COLUMNS = {
    "age": "Age",
    "sex": "Sex",
    "body_site": "Place on the body",
    "skin_type": "Skin type",
    "confirmation": "Confirmation of the diagnosis",
}


class Bar(NamedTuple):
    """How many images have a value; `meaning` where the value is a class."""

    label: str
    images: int
    share: float
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """Counts by one column. `shape` is bars (one below another) or columns (side by side)."""

    key: str
    heading: str
    first: str
    shape: str
    rows: list[Bar]
    note: str = ""


class CrossRow(NamedTuple):
    """A class and its counts, in the order of the table's columns."""

    label: str
    meaning: str
    counts: list[int]
    total: int


class AgeRow(NamedTuple):
    """A class and the ages of its patients; `ages` is None where none is known."""

    label: str
    meaning: str
    ages: Quartiles | None
    unknown: int


class Gap(NamedTuple):
    """How many images lack something, or were left out for a reason."""

    label: str
    images: int
    share: float


@dataclass(frozen=True)
class Imbalance:
    """The largest class against the smallest."""

    largest: str
    smallest: str
    times: float


@dataclass(frozen=True)
class Picture:
    """Everything that a page shows of a data set's contents."""

    contents: Contents
    tables: list[Table]
    sexes: list[str]
    sex_by_class: list[CrossRow]
    age_by_class: list[AgeRow]
    imbalance: Imbalance | None
    absent: list[str]
    missing: list[Gap]
    left_out: list[Gap]


def picture_of(
    contents: Contents, classes: Mapping[str, ClassName], *, asked: Iterable[str]
) -> Picture:
    """The tables of a page. `asked` are the codes of the classes that were asked for."""
    by = contents.by.get("label", {})
    codes = sorted(by, key=lambda code: (-by[code], code))
    sexes = [sex for sex in Sex if any(sex in row for row in contents.label_by_sex.values())]
    return Picture(
        contents=contents,
        tables=[*_tables(contents, classes)],
        sexes=[str(sex.label) for sex in sexes],
        sex_by_class=[
            _cross_row(classes, code, [contents.label_by_sex[code].get(sex, 0) for sex in sexes])
            for code in codes
            if code in contents.label_by_sex
        ],
        age_by_class=[
            _age_row(classes, code, contents.label_by_age[code])
            for code in codes
            if code in contents.label_by_age
        ],
        imbalance=_imbalance(classes, codes, by),
        absent=[classes[code].name for code in asked if code not in by and code in classes],
        missing=_missing(contents),
        left_out=_left_out(contents),
    )


def _tables(contents: Contents, classes: Mapping[str, ClassName]) -> Iterable[Table]:
    counted = _Counted(contents)
    methods, sites = dict(ConfirmationMethod.choices), dict(BodySite.choices)
    skin_types = {str(number): roman for number, roman in enumerate(SKIN_TYPES, start=1)}
    of_classes = [_of_class(classes, bar) for bar in counted.by_size("label")]
    parts = counted.ordered("split", SPLIT_ORDER, SPLITS)
    sources = counted.ordered("label_source", LabelSource, SOURCES)
    confirmed = counted.ordered("confirmation", ConfirmationMethod, methods, "Opinion alone")
    places = counted.by_size("body_site", sites, NOT_KNOWN)
    skins = counted.ordered("skin_type", skin_types, skin_types, NOT_KNOWN)
    yield Table("label", "Diagnoses", "Diagnosis", "bars", of_classes)
    if len(contents.by.get("split", {})) > 1:  # a sealed test set is one part
        yield Table("split", "Parts", "Part", "bars", parts, BY_PATIENT)
    yield Table("label_source", "Where the labels come from", "Source", "bars", sources)
    yield Table("confirmation", "Confirmation (dx_type)", "Method", "bars", confirmed)
    yield Table("body_site", "Place on the body", "Place", "bars", places)
    yield Table("age", "Age", "Years", "columns", counted.ages(), AGES)
    yield Table("skin_type", "Skin type", "Fitzpatrick type", "columns", skins)
    for key, heading, names in (
        ("image_kind", "Kinds of image", dict(ImageKind.choices)),
        ("organisation", "Organisations", {}),
    ):
        if len(contents.by.get(key, {})) > 1:
            yield Table(key, heading, heading, "bars", counted.by_size(key, names))


def _of_class(classes: Mapping[str, ClassName], bar: Bar) -> Bar:
    name, meaning = _named(classes, bar.label)
    return bar._replace(label=name, meaning=meaning)


@dataclass(frozen=True)
class _Counted:
    """Bars of one column after the other."""

    contents: Contents

    def bar(self, label: str, images: int) -> Bar:
        return Bar(label, images, images / self.contents.images if self.contents.images else 0.0)

    def by_size(
        self, column: str, names: Mapping[str, str] | None = None, without: str = ""
    ) -> list[Bar]:
        """The most frequent value first, what is not known last."""
        counts = self.contents.by.get(column, {})
        names = names or {}
        bars = [
            self.bar(str(names.get(value, value)), counts[value])
            for value in sorted(counts, key=lambda value: (-counts[value], value))
        ]
        return bars + self._without(column, without)

    def ordered(
        self, column: str, order: Iterable[str], names: Mapping[Any, str], without: str = ""
    ) -> list[Bar]:
        """Every value in its own order, also where there is no image of it."""
        counts = self.contents.by.get(column, {})
        bars = [self.bar(str(names[value]), counts.get(value, 0)) for value in order]
        return bars + self._without(column, without)

    def ages(self) -> list[Bar]:
        """Steps of five years from the youngest to the oldest, without gaps."""
        counts = {int(age): count for age, count in self.contents.by.get("age", {}).items()}
        if not counts:
            return self._without("age", NOT_KNOWN)
        steps = range(min(counts), max(counts) + STEP_OF_AGES, STEP_OF_AGES)
        bars = [self.bar(str(age), counts.get(age, 0)) for age in steps]
        return bars + self._without("age", NOT_KNOWN)

    def _without(self, column: str, label: str) -> list[Bar]:
        missing = self.contents.missing.get(column, 0)
        return [self.bar(label, missing)] if label and missing else []


def _named(classes: Mapping[str, ClassName], code: str) -> ClassName:
    return classes.get(code, ClassName(code, "unknown"))


def _cross_row(classes: Mapping[str, ClassName], code: str, counts: list[int]) -> CrossRow:
    name, meaning = _named(classes, code)
    return CrossRow(name, meaning, counts, sum(counts))


def _age_row(classes: Mapping[str, ClassName], code: str, counts: Counts) -> AgeRow:
    name, meaning = _named(classes, code)
    known = {int(age): count for age, count in counts.items() if age}
    return AgeRow(name, meaning, quartiles(known), counts.get("", 0))


def _imbalance(classes: Mapping[str, ClassName], codes: list[str], by: Counts) -> Imbalance | None:
    if len(codes) < 2:
        return None
    largest, smallest = codes[0], codes[-1]
    times = by[largest] / by[smallest]
    return Imbalance(_named(classes, largest).name, _named(classes, smallest).name, times)


def _missing(contents: Contents) -> list[Gap]:
    return [
        Gap(label, count, count / contents.images)
        for column, label in COLUMNS.items()
        if (count := contents.missing.get(column, 0))
    ]


def _left_out(contents: Contents) -> list[Gap]:
    whole = contents.images + sum(contents.left_out.values())
    return [
        Gap(label, count, count / whole)
        for reason, label in LEFT_OUT_REASONS.items()
        if (count := contents.left_out.get(reason, 0))
    ]
