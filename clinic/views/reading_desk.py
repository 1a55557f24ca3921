"""What lies on a reader's desk: one case's lesions with their images, drafts and forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from clinic.forms.reads import ReadForm, prefix_for
from clinic.models import Case, Diagnosis, Lesion, LesionImage, Read
from clinic.selectors import cases_ahead, own_drafts, taxonomy, worklist
from clinic.services import IncompleteRead


@dataclass
class Place:
    """One lesion on the desk."""

    lesion: Lesion
    images: list[LesionImage]
    form: ReadForm
    is_open: bool = False

    @property
    def read(self) -> Read | None:
        """The stored draft, if there is one."""
        return self.form.read


class Desk:
    """Everything the review screen shows about a case, loaded in a fixed number of queries."""

    def __init__(
        self, case: Case, reader: User, *, data: QueryDict | None = None, chosen_image: str = ""
    ) -> None:
        self.case, self.reader = case, reader
        self._data, self._chosen = data, chosen_image
        self.taxonomy = taxonomy()

    @cached_property
    def places(self) -> list[Place]:
        """The lesions with images in this case, in the order of their numbers."""
        drafts = {read.lesion_id: read for read in own_drafts(self.reader, self.case)}
        places = [
            Place(lesion, images, self._form(lesion, drafts.get(lesion.pk)))
            for lesion, images in self._images_by_lesion()
        ]
        self._open_one(places)
        return places

    @property
    def images(self) -> list[LesionImage]:
        """Every image, lesion by lesion: the order of the film strip."""
        return [image for place in self.places for image in place.images]

    @cached_property
    def image(self) -> LesionImage | None:
        """The image on the stage: the one asked for, or the first of the open lesion."""
        wanted = [image for image in self.images if str(image.pk) == self._chosen]
        of_open = [image for place in self.places if place.is_open for image in place.images]
        return next(iter([*wanted, *of_open, *self.images]), None)

    @property
    def classes(self) -> dict[str, Diagnosis]:
        """The taxonomy's diagnosis for each class that a model can answer with."""
        return self.taxonomy.by_class

    @cached_property
    def position(self) -> int:
        """Where the case stands in the worklist, 1 for the most urgent."""
        return cases_ahead(self.reader, self.case) + 1

    @cached_property
    def waiting(self) -> int:
        """How many cases wait in its organisation."""
        return worklist(self.reader, self.case.organisation).order_by().count()

    def errors(self) -> dict[str, str]:
        """What cannot be kept, by the id of its field."""
        return {
            str(place.form[name].auto_id): " ".join(map(str, sentences))
            for place in self._sent()
            for name, sentences in place.form.errors.items()
        }

    def opinions(self) -> dict[UUID, dict[str, Any]]:
        """What was sent, by lesion."""
        return {place.lesion.pk: place.form.opinion() for place in self._sent()}

    def changed_opinions(self) -> Iterator[tuple[Lesion, dict[str, Any]]]:
        """What was sent and differs from what is stored. An untouched lesion makes no draft."""
        for place in self._sent():
            opinion = place.form.opinion()
            if place.form.has_changed():
                yield (
                    place.lesion,
                    {
                        name: value
                        for name, value in opinion.items()
                        if name in _together(place.form)
                    },
                )

    def mark(self, missing: IncompleteRead) -> None:
        """Put the sentence at the field that a signature needs, and open its lesion."""
        for place in self.places:
            place.is_open = place.lesion.pk == missing.lesion.pk
            if place.is_open and missing.field is not None:
                if not place.form.is_bound:
                    place.form.cleaned_data = {}  # add_error looks into it
                place.form.add_error(missing.field, str(missing))

    def _sent(self) -> list[Place]:
        """Lesions whose fields are in the post: a script sends only those that changed."""
        sent = set(self._data or ())
        return [p for p in self.places if f"{prefix_for(p.lesion)}-comment" in sent]

    def _form(self, lesion: Lesion, read: Read | None) -> ReadForm:
        sent = self._data if self._data and f"{prefix_for(lesion)}-comment" in self._data else None
        return ReadForm(
            confirmed(sent, lesion, self.taxonomy.by_class) if sent else None,
            lesion=lesion,
            taxonomy=self.taxonomy,
            read=read,
        )

    def _images_by_lesion(self) -> list[tuple[Lesion, list[LesionImage]]]:
        images = self.case.images.select_related("lesion").order_by(
            "lesion__number", "created_at", "id"
        )
        grouped: dict[UUID, tuple[Lesion, list[LesionImage]]] = {}
        for image in images:
            image.case = self.case
            grouped.setdefault(image.lesion_id, (image.lesion, []))[1].append(image)
        return list(grouped.values())

    def _open_one(self, places: list[Place]) -> None:
        """One lesion is open: the one with an error, that of the image, or the first undecided."""
        candidates = [
            *(p for p in places if p.form.is_bound and p.form.errors),
            *(p for p in places if any(str(image.pk) == self._chosen for image in p.images)),
            *(p for p in places if p.read is None or not p.read.diagnosis_id),
            *(p for p in places if p.read is not None and not p.read.management),
            *places,
        ]
        for place in candidates[:1]:
            place.is_open = True


def _together(form: ReadForm) -> set[str]:
    """Fields to keep: those that changed, and the months with their recommendation."""
    changed = set(form.changed_data)
    return changed | {"management", "monitor_months"} if "management" in changed else changed


def confirmed(data: QueryDict, lesion: Lesion, classes: dict[str, Diagnosis]) -> QueryDict:
    """The post with the model's diagnosis chosen, where its button was pressed without a script.

    The button's value is "lesion key:class code".
    """
    key, _, code = data.get("confirm", "").partition(":")
    if key != str(lesion.pk) or code not in classes:
        return data
    changed = data.copy()
    changed[f"{prefix_for(lesion)}-diagnosis"] = str(classes[code].pk)
    return changed
