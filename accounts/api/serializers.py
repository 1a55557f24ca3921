"""The pieces that serializers of every app are made of."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.http import QueryDict
from rest_framework import serializers

from accounts.models import Organisation
from accounts.selectors import visible_organisations

LONG_TEXT = 10_000


# What a field takes from a JSON body, and how to say so. The framework would turn 0 into "0" or
# false; a program that sends a number where a text belongs has a fault that should show.
JSON_TYPES: list[tuple[type[serializers.Field], tuple[type, ...], str]] = [
    (serializers.BooleanField, (bool,), "Send true or false."),
    (serializers.IntegerField, (int,), "Send a whole number."),
    (serializers.FloatField, (int, float), "Send a number."),
    (serializers.CharField, (str,), "Send a text."),
]


class RequestSerializer(serializers.Serializer):
    """What may be sent. A field of another name is refused: a misspelt birth date must not be lost
    without a word. So is a value of another JSON type. (A form's values are all texts.)
    """

    def to_internal_value(self, data: Any) -> Any:
        """The known fields."""
        if isinstance(data, Mapping):
            errors = {
                name: ["There is no field of this name."]
                for name in data
                if name not in self.fields
            }
            if not isinstance(data, QueryDict):
                errors |= self._wrong_types(data)
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)

    def _wrong_types(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        return {
            name: [sentence]
            for name, field in self.fields.items()
            if data.get(name) is not None
            and (sentence := _wrong_type(field, data[name])) is not None
        }


def _wrong_type(field: serializers.Field, value: Any) -> str | None:
    if isinstance(field, serializers.ChoiceField):
        return None if value in [*field.choices, ""] else "Choose from the list."
    for kind, types, sentence in JSON_TYPES:
        if isinstance(field, kind):
            fits = isinstance(value, types) and (
                kind is serializers.BooleanField or (value is not True and value is not False)
            )
            return None if fits else sentence
    return None


class VisibleKeyField(serializers.PrimaryKeyRelatedField):
    """A reference to a row that the sender may see. One they may not see does not exist."""

    default_error_messages = {
        "does_not_exist": "There is none with this id, or you may not see it.",
        "incorrect_type": "Send an id (UUID).",
    }

    def __init__(self, *, selector: Callable[[Any], QuerySet[Any]], **options: Any) -> None:
        self.selector = selector
        super().__init__(pk_field=serializers.UUIDField(), **options)

    def get_queryset(self) -> QuerySet[Model]:
        """Rows that the sender may see."""
        return self.selector(self.context["request"].user)


class OrganisationSerializer(serializers.ModelSerializer):
    """A site."""

    class Meta:
        model = Organisation
        fields = ["id", "name", "slug", "created_at"]
        read_only_fields = fields


class OrganisationKeyField(VisibleKeyField):
    """The organisation that a new row belongs to. Who has only one may leave it out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            selector=visible_organisations,
            required=False,
            help_text="May be left out by whoever works in one organisation only.",
            **options,
        )


class ProblemEntrySerializer(serializers.Serializer):
    """One thing that is wrong, and where."""

    pointer = serializers.CharField(
        required=False, help_text="JSON pointer to the field of the body, as a URI fragment."
    )
    parameter = serializers.CharField(required=False, help_text="Name of the query parameter.")
    detail = serializers.CharField(help_text="What is wrong with it, in a sentence.")
    code = serializers.CharField(help_text="Stable for programs.")


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457): the shape of every error."""

    type = serializers.CharField(help_text="A URI that names the kind of problem.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What is wrong and what to do, in a sentence.")
    code = serializers.CharField(help_text="Stable for programs.")
    errors = ProblemEntrySerializer(many=True, required=False)
