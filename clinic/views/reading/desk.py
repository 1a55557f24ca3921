"""What lies on a reader's desk: one case's lesions with their images, opinions and forms."""

import json
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from clinic.forms.reads import ReadForm, ReconsideredForm, as_fields
from clinic.models import (
    Case,
    Diagnosis,
    ImageKind,
    Lesion,
    LesionImage,
    Read,
    ReadingRole,
    ReadingState,
    ReadStage,
)
from clinic.selectors import (
    cases_ahead,
    own_reads,
    reading_policy,
    signed_readings,
    taxonomy,
    worklist,
)
from clinic.selectors.desks import turns_at
from clinic.selectors.favourites import Favourite, favourites
from clinic.selectors.lesion_visits import Visit, lesion_visits
from clinic.services import IncompleteRead
from clinic.services.reading.assignment import taken_sentence
from clinic.views.reading.place import Place, answered, sent_to


class Shape(StrEnum):
    """What the desk is for at this moment: its panel and its main button."""

    COMMIT = "commit"  # blind: the own opinion first, nothing of the model
    SIGN = "sign"  # not blind: the own opinion beside the model's, signed in one step
    DECIDE = "decide"  # committed: the model's answer is shown; keep or change, then sign


class Desk:
    """Everything the review screen shows about a case, loaded in a fixed number of queries."""

    def __init__(
        self, case: Case, reader: User, *, data: QueryDict | None = None, chosen_image: str = ""
    ) -> None:
        self.case, self.reader = case, reader
        self._data, self._chosen = data, chosen_image
        self.reading, self.colleague = turns_at(reader, case)
        self.taxonomy = taxonomy()

    @cached_property
    def shape(self) -> Shape:
        """Which of the three desks it is."""
        if self.reading is not None and self.reading.is_committed:
            return Shape.DECIDE
        blind = reading_policy(self.case.organisation_id).blind
        if self.reading is not None:
            blind = blind and self.reading.is_blind
        return Shape.COMMIT if blind else Shape.SIGN

    @property
    def is_revealed(self) -> bool:
        """Whether the model's answer has been shown, so that the reading can be signed."""
        return self.reading is not None and self.reading.state not in {
            ReadingState.ASSIGNED,
            ReadingState.DRAFT,
            ReadingState.COMMITTED,
        }

    @property
    def is_held(self) -> bool:
        """Whether the case lies on the reader's desk already, put there by "Read next" say."""
        return self.reading is not None and self.reading.holds_at(timezone.now())

    @property
    def is_written_on(self) -> bool:
        """Whether leaving it would leave something behind."""
        return self.reading is not None and self.reading.state != ReadingState.ASSIGNED

    @cached_property
    def places(self) -> list[Place]:
        """The lesions with images in this case, in the order of their numbers."""
        reads = {(read.lesion_id, read.stage): read for read in own_reads(self.reader, self.case)}
        theirs = self._signed_by_others()
        places = [
            self._place(lesion, images, reads, theirs.get(lesion.pk, []))
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
        """The image on the stage: the one asked for, or the open lesion's first dermoscopic one."""
        wanted = [image for image in self.images if str(image.pk) == self._chosen]
        of_open = [image for place in self.places if place.is_open for image in place.images]
        of_open.sort(key=lambda image: image.kind != ImageKind.DERMOSCOPIC)  # what is read
        return next(iter([*wanted, *of_open, *self.images]), None)

    @property
    def classes(self) -> dict[str, Diagnosis]:
        """What can be confirmed with one key: the taxonomy's word for each class of a model.

        Only where the model's answer stands beside the fields; after a commit there is nothing
        left to confirm.
        """
        return self.taxonomy.by_class if self.shape == Shape.SIGN else {}

    @cached_property
    def favourites(self) -> list[Favourite]:
        """What the number keys choose."""
        return favourites(self.reader, self.taxonomy)

    @cached_property
    def visits(self) -> dict[UUID, list[Visit]]:
        """Every visit of each lesion, this one among them."""
        return lesion_visits(self.reader, [place.lesion for place in self.places])

    @property
    def taken(self) -> str:
        """Who has the case, and since when; nothing where it can be read."""
        if self.colleague is None:
            return ""
        return taken_sentence(self.case, self.colleague)

    @cached_property
    def position(self) -> int:
        """Where the case stands in the worklist, 1 for the most urgent."""
        return cases_ahead(self.reader, self.case) + 1

    @cached_property
    def waiting(self) -> int:
        """How many cases wait in its organisation."""
        return worklist(self.reader, self.case.organisation).order_by().count()

    def sent(self) -> list[Place]:
        """Lesions whose fields are in the post."""
        return [place for place in self.places if place.is_sent]

    def errors(self) -> dict[str, str]:
        """What cannot be kept, by the id of its field."""
        return {key: said for place in self.sent() for key, said in place.form.refusals().items()}

    def opinions(self) -> dict[UUID, dict[str, Any]]:
        """What was sent and differs from what is stored, with the version that it is based on."""
        return {
            place.lesion.pk: changes | {"version": place.form.based_on()}
            for place in self.sent()
            if (changes := place.form.changes())
        }

    def mark(self, missing: IncompleteRead) -> None:
        """Put the sentence at the field that a commit needs, and open its lesion."""
        for place in self.places:
            place.is_open = place.lesion.pk == missing.lesion.pk
            if place.is_open and missing.field is not None:
                if not place.form.is_bound:
                    place.form.cleaned_data = {}  # add_error looks into it
                place.form.add_error(missing.field, str(missing))

    def stored_form(self, place: Place, stored: Read) -> ReadForm:
        """The fields of a lesion with what another window stored in them."""
        return type(place.form)(
            lesion=place.lesion, taxonomy=self.taxonomy, read=stored, version=stored.version
        )

    def _place(
        self,
        lesion: Lesion,
        images: list[LesionImage],
        reads: dict[tuple[UUID, str], Read],
        colleagues: list[Read],
    ) -> Place:
        first = reads.get((lesion.pk, ReadStage.FIRST))
        if self.shape != Shape.DECIDE:
            shown = self.shape == Shape.SIGN
            form = self._form(ReadForm, lesion, first, version=first.version if first else 0)
            return Place(lesion, images, form, shows_model=shown)
        changed = reads.get((lesion.pk, ReadStage.RECONSIDERED))
        version = changed.version if changed else 0
        return Place(
            lesion,
            images,
            self._form(ReconsideredForm, lesion, changed or first, version=version),
            first=first,
            first_fields=self._fields_of(lesion, first),
            changed=changed,
            shows_model=self.reading is not None and str(lesion.pk) in self.reading.model_opinion,
            colleagues=colleagues,
        )

    def _fields_of(self, lesion: Lesion, first: Read | None) -> str:
        form = ReconsideredForm(lesion=lesion, taxonomy=self.taxonomy, read=first)
        return json.dumps(as_fields(form))

    def _form(
        self, kind: type[ReadForm], lesion: Lesion, read: Read | None, *, version: int
    ) -> ReadForm:
        data = self._data
        if data is not None:
            data = answered(data, lesion, self.classes) if sent_to(lesion, data) else None
        return kind(data, lesion=lesion, taxonomy=self.taxonomy, read=read, version=version)

    def _signed_by_others(self) -> dict[UUID, list[Read]]:
        """What an adjudicator decides between, by lesion, in the order of the signatures.

        The blind rule shows it to nobody else while the case is open.
        """
        if self.reading is None or self.reading.role != ReadingRole.ADJUDICATION:
            return {}
        found: dict[UUID, list[Read]] = {}
        for reading in signed_readings(self.reader, self.case):
            for read in reading.reads.all():
                if read.stands and reading.reader_id != self.reader.pk:
                    found.setdefault(read.lesion_id, []).append(read)
        return found

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
        undecided = [] if self.shape == Shape.DECIDE else places
        candidates = [
            *(p for p in places if p.form.refusals()),
            *(p for p in places if any(str(image.pk) == self._chosen for image in p.images)),
            *(p for p in undecided if p.read is None or not p.read.diagnosis_id),
            *(p for p in undecided if p.read is not None and not p.read.management),
            *places,
        ]
        for place in candidates[:1]:
            place.is_open = True
