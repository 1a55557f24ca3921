"""The pieces that serializers of every app are made of."""

from collections.abc import Callable, Mapping
from typing import Any, cast

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
        """The known fields; everything that is wrong at once."""
        errors = self._unfit(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as invalid:
            found = cast("dict[str, Any]", invalid.detail)
            raise serializers.ValidationError(found | errors) from invalid
        if errors:
            raise serializers.ValidationError(errors)
        return value

    def _unfit(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        """Names that no field has, and values of another JSON type."""
        errors = {}
        for name, value in data.items():
            field = self.fields.get(name)
            if field is None:
                errors[name] = ["There is no field of this name."]
            elif not isinstance(data, QueryDict) and value is not None:
                sentence = _wrong_type(field, value)
                errors |= {name: [sentence]} if sentence else {}
        return errors


def _wrong_type(field: serializers.Field, value: Any) -> str | None:
    if isinstance(field, serializers.ChoiceField):
        looks_right = any(str(value) == str(choice) for choice in field.choices)
        return "Choose from the list." if looks_right and value not in field.choices else None
    for kind, types, sentence in JSON_TYPES:
        if isinstance(field, kind):
            # In Python true is the number 1 as well.
            fits = isinstance(value, types) and (bool in types) == isinstance(value, bool)
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
