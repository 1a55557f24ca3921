"""How the classes of a frozen version differ in sex and age."""

from dataclasses import dataclass, field

from django.db.models import Count

from clinic.models import DatasetVersion


@dataclass(frozen=True)
class ClassCounts:
    """Images by class and value, as `Preview` has them; ages are text, empty where not known."""

    by_sex: dict[str, dict[str, int]] = field(default_factory=dict)
    by_age: dict[str, dict[str, int]] = field(default_factory=dict)


def class_counts(version: DatasetVersion) -> ClassCounts:
    """Counted in one query, rows that were withdrawn since included."""
    counted = ClassCounts()
    groups = version.rows.order_by().values_list("label", "sex", "age")
    for label, sex, age, images in groups.annotate(images=Count("pk")):
        for table, value in (
            (counted.by_sex, sex),
            (counted.by_age, "" if age is None else str(age)),
        ):
            row = table.setdefault(label, {})
            row[value] = row.get(value, 0) + images
    return counted
