"""One lesion on a reader's desk."""

from dataclasses import dataclass, field

from django.http import QueryDict

from clinic.forms.reads import ReadForm, prefix_for
from clinic.models import Diagnosis, Lesion, LesionImage, Read


@dataclass
class Place:
    """A lesion with its images, the fields, and after the commit what was said and shown.

    `first` is the committed opinion, `first_fields` the same as the page would send it (JSON),
    `changed` the draft of another one; `shows_model` says that
    the model's answer on this lesion has been shown and recorded; `colleagues` are the signed reads
    that an adjudicator decides between.
    """

    lesion: Lesion
    images: list[LesionImage]
    form: ReadForm
    is_open: bool = False
    first: Read | None = None
    first_fields: str = ""
    changed: Read | None = None
    shows_model: bool = False
    colleagues: list[Read] = field(default_factory=list)

    @property
    def read(self) -> Read | None:
        """The stored draft that the fields start with, if there is one."""
        return self.form.read

    @property
    def is_changing(self) -> bool:
        """Whether the fields for another opinion stand open."""
        return self.changed is not None or bool(self.form.refusals())

    @property
    def is_sent(self) -> bool:
        """Whether the post has this lesion's fields: a script sends only those that changed."""
        return self.form.is_bound


def sent_to(lesion: Lesion, data: QueryDict | None) -> bool:
    """Whether a post has this lesion's fields. A comment always comes along, even empty."""
    return data is not None and f"{prefix_for(lesion)}-comment" in data


def answered(data: QueryDict, lesion: Lesion, classes: dict[str, Diagnosis]) -> QueryDict | None:
    """The lesion's fields as they count: with what its buttons without a script add.

    The model's diagnosis is chosen where "Confirm" was pressed (its value is "lesion key:class
    code"); the lesion counts as not sent where "Take the other" was chosen on the page of a
    conflict.
    """
    prefix = prefix_for(lesion)
    if data.get(f"{prefix}-keep") == "theirs":
        return None
    key, _, code = data.get("confirm", "").partition(":")
    if key != str(lesion.pk) or code not in classes:
        return data
    changed = data.copy()
    changed[f"{prefix}-diagnosis"] = str(classes[code].pk)
    return changed
